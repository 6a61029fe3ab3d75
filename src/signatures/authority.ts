import type { IdentityRule } from '../policy/identity.ts'
import type { TrustedRoot } from './sigstore/trusted-root.ts'
import type { TrustedPublicKey } from './verdict.ts'

/** Whom the user trusts, and with which proofs; any signature may satisfy any authority. */
export type Authority = KeyAuthority | KeylessAuthority

/** Beyond the signature itself. What is not asked for is looked at all the same where the trusted root knows who gave it. */
export interface Requirements {
  /** A trusted log has the signature. */
  readonly log: boolean
  /** A trusted timestamp authority has stamped it; a log's own time does not suffice. */
  readonly timestamp: boolean
}

export interface KeyAuthority {
  readonly kind: 'key'
  /** Any of them suffices. */
  readonly keys: readonly TrustedPublicKey[]
  /** Absent: log entries and timestamps are not checked, beyond that the entries are about the signature. */
  readonly trustedRoot?: TrustedRoot
  /** Default: neither. Who trusts a key trusts what it signs, and many sign with --tlog-upload=false. */
  readonly require?: Partial<Requirements>
}

export interface KeylessAuthority {
  readonly kind: 'keyless'
  /** Any of them suffices. */
  readonly identities: readonly IdentityRule[]
  readonly trustedRoot: TrustedRoot
  /** Default: the log, as certificates are short-lived and the log makes their use known; a policy that asks for timestamps need not. */
  readonly require?: Partial<Requirements>
  /** Take certificates that no certificate transparency log has seen. */
  readonly insecureIgnoreSct?: boolean
  /**
   * Certificates of an own PKI, that are long-lived: where nothing proves when it was signed, they must be valid at this time; they
   * need not say what they are for.
   */
  readonly ownPki?: { readonly at: Date }
}

// An undefined that came past the types must not switch a default off.
export const requirementsOf = ({ kind, require }: Authority): Requirements => ({
  log: require?.log ?? kind === 'keyless',
  timestamp: require?.timestamp ?? false,
})

/** Whoever has one of the keys, with no further proof. */
export const keysOnly = (keys: readonly TrustedPublicKey[]): KeyAuthority => ({ kind: 'key', keys })
