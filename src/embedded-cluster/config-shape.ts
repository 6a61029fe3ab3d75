import type { Shape } from './shape.ts'

/** Of the Configs that Embedded Cluster reads; the proposal's examples write `v1beta1` alone. */
export const configApiVersion = 'embeddedcluster.replicated.com/v1beta1'
/** Has the same fields; no Embedded Cluster reads it yet. */
export const configApiVersionV1 = 'embeddedcluster.replicated.com/v1'
export const proposalApiVersion = 'v1beta1'

const texts = (...names: readonly string[]): Readonly<Record<string, Shape>> => Object.fromEntries(names.map(name => [name, 'text']))

const labels: Shape = { mapping: 'text' }

const nodeCount: Shape = {
  go: 'v1beta1.NodeCount',
  fields: {
    values: { list: 'whole number' },
    range: { go: 'v1beta1.NodeRange', fields: { min: 'whole number', max: 'whole number' } },
  },
}
const role: Shape = { go: 'v1beta1.NodeRole', fields: { ...texts('name', 'description'), nodeCount, labels } }

const chart: Shape = {
  go: 'v1beta1.Chart',
  fields: {
    ...texts('name', 'chartname', 'version', 'values', 'namespace'),
    timeout: 'duration',
    forceUpgrade: 'boolean',
    order: 'whole number',
  },
}
const repository: Shape = {
  go: 'v1beta1.Repository',
  fields: { ...texts('name', 'url', 'caFile', 'certFile', 'keyfile', 'username', 'password'), insecure: 'boolean' },
}
const helm: Shape = {
  go: 'v1beta1.Helm',
  fields: { concurrencyLevel: 'whole number', repositories: { list: repository }, charts: { list: chart } },
}

/** The proposal's switch beside the plugins, which Embedded Cluster does not know. */
export const pluginsSwitch = 'pluginsEnabled'
export const pluginFields = ['name', 'image', 'imagePullPolicy'] as const
const veleroFields = { plugins: { list: { go: 'v1beta1.VeleroPlugin', fields: texts(...pluginFields) } } } as const satisfies Readonly<
  Record<string, Shape>
>
const extensionFields = { helm, velero: { go: 'v1beta1.VeleroExtensions', fields: veleroFields } } as const satisfies Readonly<
  Record<string, Shape>
>
const overrides: Shape = {
  go: 'v1beta1.UnsupportedOverrides',
  fields: { k0s: 'text', builtInExtensions: { list: { go: 'v1beta1.BuiltInExtension', fields: texts('name', 'values') } } },
}
const specFields = {
  ...texts('version', 'binaryOverrideUrl', 'metadataOverrideUrl'),
  roles: { go: 'v1beta1.Roles', fields: { controller: role, custom: { list: role } } },
  unsupportedOverrides: overrides,
  extensions: { go: 'v1beta1.Extensions', fields: extensionFields },
  domains: { go: 'v1beta1.Domains', fields: texts('replicatedAppDomain', 'proxyRegistryDomain', 'replicatedRegistryDomain') },
}

const ownerReference: Shape = {
  go: 'v1.OwnerReference',
  fields: { ...texts('apiVersion', 'kind', 'name', 'uid'), controller: 'boolean', blockOwnerDeletion: 'boolean' },
}
const metadata: Shape = {
  go: 'v1.ObjectMeta',
  fields: {
    ...texts('name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion'),
    generation: 'whole number',
    creationTimestamp: 'time',
    deletionTimestamp: 'time',
    deletionGracePeriodSeconds: 'whole number',
    labels,
    annotations: labels,
    ownerReferences: { list: ownerReference },
    finalizers: { list: 'text' },
  },
}
const topFields = {
  apiVersion: 'text',
  kind: 'text',
  metadata,
  spec: { go: 'v1beta1.ConfigSpec', fields: specFields },
  status: { go: 'v1beta1.ConfigStatus', fields: {} },
} as const

/** replicatedhq/embedded-cluster 2.19, kinds/apis/v1beta1/config_types.go. */
export const configShape: Shape = { go: 'v1beta1.Config', fields: topFields }

/** The fields that each mapping on the way to the plugins has. */
export const knownFields: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(topFields),
  spec: Object.keys(specFields),
  'spec.extensions': Object.keys(extensionFields),
  'spec.extensions.velero': Object.keys(veleroFields),
}
