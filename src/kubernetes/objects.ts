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

export interface NodeFact {
  readonly name: string
  /** `linux/amd64`; absent when the node's kubelet has not told yet. */
  readonly platform?: string
  readonly ready: boolean
}

/** Go's words, in which images are labelled too (core/v1 NodeSystemInfo). */
export const nodeOf = (node: unknown): NodeFact => {
  const os = textAt(node, 'status', 'nodeInfo', 'operatingSystem') ?? ''
  const architecture = textAt(node, 'status', 'nodeInfo', 'architecture') ?? ''
  const ready = listAt(node, 'status', 'conditions').find(condition => textAt(condition, 'type') === 'Ready')
  return {
    name: textAt(node, 'metadata', 'name') ?? '',
    ...([os, architecture].every(part => /^[A-Za-z0-9_.-]+$/.test(part)) ? { platform: `${os}/${architecture}` } : {}),
    ready: textAt(ready, 'status') === 'True',
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
}

export const podTemplateOf = (deployment: unknown): PodTemplateFact => {
  const pod = valueAt(deployment, 'spec', 'template', 'spec')
  return {
    serviceAccount: textAt(pod, 'serviceAccountName') || textAt(pod, 'serviceAccount') || 'default',
    imagePullSecrets: secretNames(listAt(pod, 'imagePullSecrets')),
  }
}

export const pullSecretsOf = (serviceAccount: unknown): readonly string[] => secretNames(listAt(serviceAccount, 'imagePullSecrets'))

export interface InstallationFact {
  readonly name: string
  readonly state?: string
  /** Absent: the Installation does not say. */
  readonly disasterRecovery?: boolean
}

/** The current Installation is that of the greatest name: they are named by the time (EC 2.19 pkg/kubeutils/installation.go). */
export const currentInstallation = (installations: readonly unknown[]): JsonObject | undefined =>
  installations
    .filter(isObject)
    .toSorted((a, b) => ((textAt(a, 'metadata', 'name') ?? '') < (textAt(b, 'metadata', 'name') ?? '') ? 1 : -1))[0]

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
