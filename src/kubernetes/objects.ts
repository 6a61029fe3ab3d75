import { redact } from '../redact.ts'

/** What is read of an object of the API server: anything may be missing, and nothing is taken for granted. */
export type JsonObject = { readonly [key: string]: unknown }

/** An object that is to be created. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at `path`, undefined where there is none. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((here, key) => (isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined), value)

export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = valueAt(value, ...path)
  return typeof found === 'string' ? found : undefined
}

export const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** An image that a node has: all its names, `registry/repository:tag` and `registry/repository@sha256:…`. */
export interface NodeImageFact {
  readonly names: readonly string[]
  readonly sizeBytes: number
}

export interface NodeFact {
  readonly name: string
  /** `linux/amd64`; absent when the node's kubelet has not told yet. */
  readonly platform?: string
  readonly ready: boolean
  /** Absent: not one, or noted by an older version. */
  readonly controlPlane?: true
  /** At most 200; kubelet tells 50 unless it is told otherwise. Absent: not asked for. */
  readonly images?: readonly NodeImageFact[]
}

const maxNodeImages = 200
const maxImageNames = 20

/** What kubelet says that the node has (core/v1 ContainerImage). */
export const nodeImagesOf = (node: unknown): readonly NodeImageFact[] =>
  listAt(node, 'status', 'images')
    .slice(0, maxNodeImages)
    .map(image => {
      const size = valueAt(image, 'sizeBytes')
      const names = listAt(image, 'names').filter(name => typeof name === 'string')
      return { names: names.slice(0, maxImageNames), sizeBytes: typeof size === 'number' ? size : 0 }
    })

/** Embedded Cluster lets Velero run on these nodes alone (EC 2.19 pkg/addons/velero/static/values.tpl.yaml, affinity). */
const controlPlaneLabel = 'node-role.kubernetes.io/control-plane'

/** Go's words, in which images are labelled too (core/v1 NodeSystemInfo). */
export const nodeOf = (node: unknown): NodeFact => {
  const os = textAt(node, 'status', 'nodeInfo', 'operatingSystem') ?? ''
  const architecture = textAt(node, 'status', 'nodeInfo', 'architecture') ?? ''
  const ready = listAt(node, 'status', 'conditions').find(condition => textAt(condition, 'type') === 'Ready')
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    ...([os, architecture].every(part => /^[A-Za-z0-9_.-]+$/.test(part)) ? { platform: `${os}/${architecture}` } : {}),
    ready: textAt(ready, 'status') === 'True',
    ...(valueAt(node, 'metadata', 'labels', controlPlaneLabel) === undefined ? {} : { controlPlane: true as const }),
  }
}

/** Names in the order of the list; an entry without one names nothing. */
const secretNames = (references: readonly unknown[]): readonly string[] =>
  references.flatMap(reference => {
    const name = textAt(reference, 'name') ?? ''
    return name === '' ? [] : [name]
  })

export interface PodTemplateFact {
  /** `default` when it names none (the API server's admission). */
  readonly serviceAccount: string
  readonly imagePullSecrets: readonly string[]
  /** In their order. Absent: noted by an older version. */
  readonly initContainers?: readonly ContainerFact[]
  /** The image of the container `velero`. */
  readonly serverImage?: string
}

/** A container as a pod names it. */
export interface ContainerFact {
  readonly name: string
  readonly image: string
}

const containersOf = (list: readonly unknown[]): readonly ContainerFact[] =>
  list.map(container => ({ name: textAt(container, 'name') ?? '', image: redact(textAt(container, 'image') ?? '') }))

export const podTemplateOf = (deployment: unknown): PodTemplateFact => {
  const pod = valueAt(deployment, 'spec', 'template', 'spec')
  const server = containersOf(listAt(pod, 'containers')).find(({ name }) => name === 'velero')
  return {
    serviceAccount: textAt(pod, 'serviceAccountName') || textAt(pod, 'serviceAccount') || 'default',
    imagePullSecrets: secretNames(listAt(pod, 'imagePullSecrets')),
    initContainers: containersOf(listAt(pod, 'initContainers')),
    ...(server === undefined ? {} : { serverImage: server.image }),
  }
}

export const pullSecretsOf = (serviceAccount: unknown): readonly string[] => secretNames(listAt(serviceAccount, 'imagePullSecrets'))

export interface InstallationFact {
  readonly name: string
  readonly state?: string
  /** Absent: the Installation does not say. */
  readonly disasterRecovery?: boolean
}

/** Installations are named by the time: the one of the greatest name is the current one (EC 2.19 pkg/kubeutils/installation.go). */
export const newestFirst = (installations: readonly unknown[]): readonly JsonObject[] =>
  installations
    .filter(isObject)
    .toSorted((a, b) => ((textAt(a, 'metadata', 'name') ?? '') < (textAt(b, 'metadata', 'name') ?? '') ? 1 : -1))

export const currentInstallation = (installations: readonly unknown[]): JsonObject | undefined => newestFirst(installations)[0]

export const installationOf = (installation: JsonObject): InstallationFact => {
  const state = textAt(installation, 'status', 'state')
  const licence = valueAt(installation, 'spec', 'licenseInfo', 'isDisasterRecoverySupported')
  return {
    name: textAt(installation, 'metadata', 'name') ?? '',
    ...(state === undefined ? {} : { state }),
    // The field is left out when it is false (EC 2.19 kinds/apis/v1beta1/installation_types.go).
    ...(isObject(valueAt(installation, 'spec', 'licenseInfo')) ? { disasterRecovery: licence === true } : {}),
  }
}
