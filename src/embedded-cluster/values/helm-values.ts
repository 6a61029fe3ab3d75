import type { ConfigFact } from '../../facts/config.ts'
import type { PlainValue } from '../../yaml-source.ts'
import { proxyDomain } from '../license.ts'
import { type KnownSchema, proxyDomainOf } from '../plugins.ts'
import { type AddonImages, type Architecture, tagOf } from './addon-images.ts'
import { containerNames } from './container-names.ts'
import { mapOf, mergePatch } from './merge-patch.ts'

export type HelmValues = { readonly [key: string]: PlainValue }

export interface HelmValuesOptions {
  readonly schema: KnownSchema
  /** Takes the place of `proxy.replicated.com`; empty: the Config's own, if it has one. */
  readonly proxyRegistryDomain: string
  readonly images: AddonImages
  readonly architecture: Architecture
  /** The values that override those of the built-in extension velero. */
  readonly override: HelmValues | undefined
}

/**
 * What Embedded Cluster hands to Velero's Helm chart for this Config (EC 2.19 pkg/addons/velero/values.go), but for what it
 * takes from the host: proxy, certificates and the folder of its data.
 */
export const helmValues = (config: ConfigFact, options: HelmValuesOptions): HelmValues => {
  const domain = options.proxyRegistryDomain || proxyDomainOf(config)
  const own = withDomain(baseValues(config, options), domain) as HelmValues
  return options.override === undefined ? own : mergePatch(own, options.override)
}

const baseValues = (config: ConfigFact, { schema, images, architecture }: HelmValuesOptions): PlainValue => {
  const names = containerNames(config.plugins, schema)
  const aws = `${proxyDomain}/library/velero-plugin-for-aws:${tagOf(images.aws, architecture)}`
  const secrets = pullSecretsOf(config, schema)
  return {
    backupsEnabled: false,
    credentials: { existingSecret: 'cloud-credentials' },
    deployNodeAgent: true,
    image: {
      repository: `${proxyDomain}/library/velero`,
      tag: tagOf(images.velero, architecture),
      ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets }),
    },
    initContainers: [
      container('velero-plugin-for-aws', aws, ''),
      ...config.plugins.map(({ image, imagePullPolicy }, index) =>
        container(names[index] ?? '', image?.text ?? '', imagePullPolicy?.text ?? ''),
      ),
    ],
    snapshotsEnabled: false,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }],
        },
      },
    },
  }
}

const container = (name: string, image: string, imagePullPolicy: string): PlainValue => ({
  name,
  image,
  imagePullPolicy: imagePullPolicy === '' ? 'IfNotPresent' : imagePullPolicy,
  volumeMounts: [{ mountPath: '/target', name: 'plugins' }],
})

/** Pull secrets belong to the pod: Kubernetes has none for a single container. */
const pullSecretsOf = ({ plugins }: ConfigFact, schema: KnownSchema): readonly string[] =>
  schema === 'proposal' ? [...new Set(plugins.flatMap(({ imagePullSecret }) => imagePullSecret?.text || []))] : []

/** Wherever it stands in the values, not in images alone. */
const withDomain = (value: PlainValue, domain: string): PlainValue => {
  if (domain === '') return value
  if (typeof value === 'string') return value.replaceAll(proxyDomain, () => domain)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value)
    ? (value as readonly PlainValue[]).map(item => withDomain(item, domain))
    : mapOf(Object.entries(value).map(([key, inner]) => [key, withDomain(inner, domain)]))
}

/** Keys in the order of their letters, as Embedded Cluster marshals them. */
export const sorted = (value: PlainValue): PlainValue => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly PlainValue[]).map(sorted)
  return mapOf(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
