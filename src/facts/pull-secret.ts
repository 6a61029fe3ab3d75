import type { CredentialSource, Fact } from './fact.ts'
import type { Attempt } from './image.ts'

/** One Secret that the plugin, or the pod, names. */
export type SecretFact = { readonly namespace: string; readonly name: string } & Fact<{
  /** Where it was found: `file:line`, or the cluster's context. */
  readonly from: string
  readonly found: boolean
  readonly type?: string
  readonly keys?: readonly string[]
  /** Why kubelet cannot use it (wrong type or key, broken JSON or base64), in one sentence. */
  readonly problem?: { readonly code: string; readonly message: string }
  /** Registry entries of the docker config in it, as written, and the username of each. */
  readonly entries?: readonly { readonly entry: string; readonly username: string; readonly matches: boolean; readonly ignored?: string }[]
}>

export type PullSecretFact = {
  readonly plugin: string
  readonly image: string
} & Fact<{
  readonly secrets: readonly SecretFact[]
  /** Whether any Secrets were given to look in (`--secrets`, a cluster). */
  readonly given: boolean
  /** What kubelet's keyring offers for this image, in its order. */
  readonly credentials: readonly CredentialSource[]
  readonly attempts: readonly Attempt[]
  /** Whether the registry gives the image to anyone; failure when it could not be asked. */
  readonly anonymous?: Attempt
  readonly dockerConfig?: Attempt
}>
