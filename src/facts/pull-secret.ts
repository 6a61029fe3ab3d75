import type { PodFact } from './cluster.ts'
import type { CredentialSource, Fact, Failure } from './fact.ts'
import type { Attempt } from './image.ts'

/** One registry entry of the docker config in a Secret. */
export interface SecretEntry {
  /** As written. */
  readonly entry: string
  readonly username: string
  /** Whether kubelet uses it for this image. */
  readonly matches: boolean
  /** Why it does not match although it looks meant for this image, as a sentence. */
  readonly nearMiss?: string
  /** Fields that kubelet ignores in it: `identitytoken`, `registrytoken`. */
  readonly ignored: readonly string[]
}

/** One Secret of Velero's pod. */
export interface SecretFact {
  readonly namespace: string
  readonly name: string
  /** `plugin`: this plugin names it. `pod`: another one or an override does; a pod's secrets count for each of its containers. */
  readonly namedBy: 'plugin' | 'pod'
  /** Where it was found: `file:line`, or the cluster; absent when it was not. */
  readonly from?: string
  /** Why it is not known whether it is there. */
  readonly unread?: Failure
  /** Namespaces that have a Secret of this name, when this one has not. */
  readonly elsewhere: readonly string[]
  readonly type?: string
  readonly keys: readonly string[]
  /** Why kubelet cannot use it, in one sentence: of a wrong type or without the key it uses nothing of it; broken, it uses no secret at all. */
  readonly problem?: { readonly code: 'TYPE' | 'KEY' | 'BROKEN'; readonly message: string }
  /** Those that match or nearly do; the others too when they are few. */
  readonly entries: readonly SecretEntry[]
  /** How many entries of other registries are not listed. */
  readonly omitted: number
  /** Of the whole docker config: `credHelpers`, `credsStore`. */
  readonly ignored: readonly string[]
}

export type PullSecretFact = {
  readonly plugin: string
  readonly image: string
} & Fact<{
  /** What kubelet compares with the entries: `registry/repository`. */
  readonly name: string
  readonly namespace: string
  /** The plugin's own first. */
  readonly secrets: readonly SecretFact[]
  /** The pod of the running Deployment; absent where none was seen. */
  readonly pod?: PodFact
  /** Why nobody can say which secrets the pod has. */
  readonly podUnread?: Failure
  /** Whether any Secrets were given to look in (`--secrets`, a cluster), and where. */
  readonly given: boolean
  readonly sources: readonly string[]
  /** Given Secrets that nobody names and that cover this image: `namespace/name`. */
  readonly candidates: readonly string[]
  /** What kubelet's keyring offers for this image, in its order. */
  readonly credentials: readonly CredentialSource[]
  /** As kubelet would ask, until one succeeded. */
  readonly attempts: readonly Attempt[]
  /** The plugin's logins that kubelet would not come to, or does not have, tried all the same. */
  readonly further: readonly Attempt[]
  /** Whether the registry gives the image to anyone; absent when there was no reason to ask. */
  readonly anonymous?: Attempt
  /** With the user's own login, when nothing else worked. */
  readonly dockerConfig?: Attempt
}>
