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
  /** Of `--policy` and of the flags that name identities or keys. All that match an image must hold; absent: none was given. */
  readonly policies?: readonly ImagePolicy<Notation>[]
  /** Those that policies name with `trustRootRef`; every name that is used is here. */
  readonly trustRoots?: readonly TrustRoot[]
  /** `--trusted-root`: a `trusted_root.json` for every authority that names no TrustRoot. */
  readonly trustedRoot?: GivenFile
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
