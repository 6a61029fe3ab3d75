import { type ErrorCode, PreflightError } from '../errors.ts'

/** That a fact could not be had is itself a fact. */
export interface Failure {
  readonly ok: false
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

export type Fact<T> = ({ readonly ok: true } & T) | Failure

/** An error as a fact; anything that is not a {@link PreflightError} is our own defect and says so. */
export const failure = (error: unknown): Failure =>
  error instanceof PreflightError
    ? { ok: false, code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
    : { ok: false, code: 'INTERNAL', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }

/** Codes of a fact that say: what logins a node has is not known. */
export const loginUnknown = (code: ErrorCode): boolean =>
  code === 'SECRETS_NOT_GIVEN' || code === 'BUNDLE_LACKS' || code.startsWith('CLUSTER_')

/** Which login was used: never the password. */
export type CredentialSource =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'secret'; readonly namespace: string; readonly name: string; readonly entry: string; readonly username: string }
  /** The node's own, of containerd's configuration: used where the pod has no login. `entry` is the host. */
  | { readonly kind: 'node'; readonly file: string; readonly entry: string; readonly username: string }
  /** Of a customer, at Replicated's proxy (`--license`). `entry` is the host. */
  | { readonly kind: 'license'; readonly file: string; readonly entry: string; readonly username: string }
  /** None: it was read from a folder or archive of this machine, as `reference` names it. */
  | { readonly kind: 'local'; readonly reference: string }
  | { readonly kind: 'dockerConfig'; readonly file: string; readonly entry: string; readonly username: string }

/** One plugin of the Config, as the other checks need it. */
export interface Plugin {
  /** `name`, or the name derived from the image; what every message calls it. */
  readonly plugin: string
  /** As the node is asked for it: as written in the Config, with its `proxyRegistryDomain` put in. May be no reference, or empty. */
  readonly image: string
  readonly imagePullSecret?: string
  readonly imagePullPolicy?: string
}
