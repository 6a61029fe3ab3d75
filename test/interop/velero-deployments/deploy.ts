import { readFileSync } from 'node:fs'
import type { Context } from 'mocha'
import { dockerSecret, type KubeObject, namespace, objectsIn, type RealCluster, serviceAccount, startNode } from '../kubernetes.ts'
import { debian, peer, succeed } from '../peers.ts'
import { startDockerRegistry } from '../registries.ts'
import type { VeleroCase } from './cases.ts'
import { realVelero } from './deployment.ts'
import { imagesOf, writeImages } from './images.ts'

export interface Deployed {
  readonly cluster: RealCluster
  /** An image as a Config names it. */
  image(written: string): string
  readonly hosts: { readonly REGISTRY: string; readonly PRIVATE: string }
}

const user = 'bob:pw-of-bob'

/** Node, registries, images, and each case in a namespace of its own. */
export const deploy = async (test: Context, cases: readonly VeleroCase[]): Promise<Deployed> => {
  const [velero, aws, acme] = [await peer(test, 'velero'), await peer(test, 'velero-plugin-for-aws'), await peer(test, 'acme-plugin')]
  const skopeo = debian(test, 'skopeo')
  const busybox = debian(test, 'busybox')
  const cluster = await startNode(test)
  test.timeout(15 * 60_000)
  const registries = {
    REGISTRY: await startDockerRegistry(test),
    PRIVATE: await startDockerRegistry(test, { users: { bob: 'pw-of-bob' } }),
  }
  const hosts = (text: string) => text.replaceAll('REGISTRY', registries.REGISTRY.host).replaceAll('PRIVATE', registries.PRIVATE.host)
  const image = (written: string) => (written.includes('/') ? hosts(written) : `${registries.REGISTRY.host}/acme/plugins:${written}`)
  const images = imagesOf({ velero, aws, acme, busybox })
  const folder = writeImages(images)
  const wanted = new Set(['velero', 'aws', ...cases.flatMap(one => Object.values({ ...one.plugins, ...one.deployed }))])
  const push = (tag: string, host: string, ...login: string[]) =>
    succeed(skopeo, [
      'copy',
      '--quiet',
      '--all',
      '--dest-tls-verify=false',
      ...login,
      `oci:${folder}:${tag}`,
      `docker://${host}/acme/plugins:${tag}`,
    ])
  for (const tag of Object.keys(images).filter(tag => wanted.has(tag))) await push(tag, registries.REGISTRY.host)
  for (const tag of ['acme-good', 'acme-panic']) await push(tag, registries.PRIVATE.host, '--dest-creds', user)
  const crds = await succeed(velero, ['install', '--crds-only', '--dry-run', '-o', 'yaml'])
  for (const crd of objectsIn(crds).flatMap(object => (object.kind === 'List' ? (object.items as KubeObject[]) : [object])))
    if (crd.kind === 'CustomResourceDefinition') await cluster.apply(crd)
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(readFileSync(cluster.kubeconfig, 'utf8'))![1])
  const api = { host: `10.99.${Math.floor(port / 256)}.${port % 256}`, port }
  for (const { name, plugins, own, deployed = plugins, init, options, secrets = {}, rightless } of cases) {
    const mine = Object.entries(secrets).map(([secret, config]) => dockerSecret(name, secret, hosts(config)))
    await cluster.apply(namespace(name), serviceAccount(name, 'velero-server'), ...mine)
    if (rightless !== true) await cluster.apply(adminOf(name))
    await cluster.apply(
      realVelero({
        namespace: name,
        serverImage: image('velero'),
        api,
        plugins: Object.entries({ ...(own && { 'velero-plugin-for-aws': 'aws' }), ...deployed }).map(([plugin, written]) => ({
          name: plugin,
          image: image(written),
          ...(init && { more: init }),
        })),
        ...options,
      }),
    )
  }
  return { cluster, image, hosts: { REGISTRY: registries.REGISTRY.host, PRIVATE: registries.PRIVATE.host } }
}

const adminOf = (namespace: string): KubeObject =>
  ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `velero-${namespace}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'velero-server', namespace }],
  }) as KubeObject
