import { cosignBundle, cosignTag, newSigner, type Signer } from '../../test/support/cosign.ts'
import { type BuiltImage, buildIndex, pluginImage } from '../../test/support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../../test/support/registry.ts'

export interface DemoWorld {
  readonly registry: TestRegistry
  /** The key that the demo trusts. */
  readonly publicPem: string
  readonly config: string
  readonly secrets: string
}

const password = 'a-password-that-no-report-shows'

const forBoth = (name: string): BuiltImage => buildIndex([pluginImage({ name }), pluginImage({ name, platform: 'linux/arm64' })])

const push = (
  registry: TestRegistry,
  repository: string,
  tag: string,
  image: BuiltImage,
  signer?: Signer,
  storage: 'bundle' | 'tag' = 'bundle',
): void => {
  registry.push(repository, tag, image)
  if (signer === undefined) return
  const signed =
    storage === 'bundle' ? cosignBundle(image.manifest, signer) : cosignTag(image.manifest, `${registry.host}/${repository}`, signer)
  registry.push(repository, signed.tag, signed)
}

/** A registry with five plugins: two as they should be, one that draws a warn, two that would break an install. */
export const demoWorld = async (): Promise<DemoWorld> => {
  const registry = await startRegistry({
    auth: {
      scheme: 'bearer',
      users: { acme: { password } },
      anonymous: ['acme/velero-mongodb', 'acme/velero-hooks', 'acme/velero-metrics'],
    },
  })
  const [ours, theirs] = [newSigner(), newSigner()]
  push(registry, 'acme/velero-postgresql', 'v1.0.0', forBoth('velero-postgresql'), ours)
  push(registry, 'acme/velero-mongodb', 'v2.1.0', forBoth('velero-mongodb'), ours, 'tag')
  push(registry, 'acme/velero-metrics', 'latest', forBoth('velero-metrics'), ours)
  push(registry, 'partner/velero-mysql', 'v1.4.2', forBoth('velero-mysql'), ours)
  push(registry, 'acme/velero-hooks', 'v0.9.0', pluginImage({ name: 'velero-hooks', architecture: 'arm64' }), theirs)
  return { registry, publicPem: ours.publicPem, config: configOf(registry.host), secrets: secretsOf(registry.host) }
}

const configOf = (host: string): string => `apiVersion: embeddedcluster.replicated.com/v1beta1
kind: Config
metadata:
  name: embedded-cluster-config
spec:
  extensions:
    velero:
      plugins:
        - name: velero-postgresql
          image: ${host}/acme/velero-postgresql:v1.0.0
          imagePullSecret: acme-registry
        - name: velero-mongodb
          image: ${host}/acme/velero-mongodb:v2.1.0
        - name: velero-metrics
          image: ${host}/acme/velero-metrics:latest
        - name: velero-mysql
          image: ${host}/partner/velero-mysql:v1.4.2
          imagePullSecret: partner-registry
        - name: velero-hooks
          image: ${host}/acme/velero-hooks:v0.9.0
`

const secretsOf = (host: string): string => {
  const auth = Buffer.from(`acme:${password}`).toString('base64')
  return `apiVersion: v1
kind: Secret
metadata:
  name: acme-registry
  namespace: velero
type: kubernetes.io/dockerconfigjson
stringData:
  .dockerconfigjson: |
    {"auths": {"${host}/acme": {"auth": "${auth}"}}}
`
}
