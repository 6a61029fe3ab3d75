import type { AttestationRule, VulnerabilityRule } from './attestation-rule.ts'
import type { ImagePolicy } from './image-policy.ts'
import type { TrustRoot } from './trust-root.ts'

/**
 * Whom the user trusts and what is required; comes from flags and files of the user, never from a bundle or a registry.
 *
 * @typeParam Notation what a trust policy of the Notary Project is read into
 */
export interface SignaturePolicy<Notation = unknown> {
  /** `--key`: any one of them suffices. Empty: nobody was told to be trusted. */
  readonly keys: readonly TrustedKey[]
  /** `--require-signatures`: unsigned, and signed by nobody trusted, is a fail instead of a warn. */
  readonly requireSignatures: boolean
  /** Of `--policy` and of the flags that name an identity. Of them and of the keys, all that match an image must hold. */
  readonly policies?: readonly ImagePolicy<Notation>[]
  /** Those that policies name with `trustRootRef`; every name that is used is here. */
  readonly trustRoots?: readonly TrustRoot[]
  /** Whose certificate an envelope of the Notary Project brings, for where nobody is trusted; absent: that is not told. */
  readonly notationSigner?: (envelope: Uint8Array, mediaType: string) => string | undefined
  /** A `trusted_root.json` for every authority that names no TrustRoot; absent: none is needed. */
  readonly trustedRoot?: GivenTrustedRoot
  /** Absent: no attestation is required, beyond what policies ask for. */
  readonly attestations?: AttestationRule
  /** Absent: vulnerabilities are not judged. */
  readonly vulnerabilities?: VulnerabilityRule
}

export interface TrustedKey {
  /** The file as given, for messages. */
  readonly name: string
  /** PEM: SubjectPublicKeyInfo or PKCS #1; checked where it was read. */
  readonly pem: string
}

/** A file as it was given, its bytes as they are. */
export interface GivenFile {
  /** As given, for messages. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Whom a Sigstore deployment trusts, and where that was found. */
export interface GivenTrustedRoot extends GivenFile {
  /** `file`: given with `--trusted-root`; absent: likewise. */
  readonly origin?: 'file' | 'refreshed' | 'cached' | 'shipped'
  /** With its date, in words that fit after "the trusted root is". */
  readonly description?: string
  /** When a shipped one was made. */
  readonly date?: Date
  /** What was passed over for it, and why, a sentence each. */
  readonly notes?: readonly string[]
}
