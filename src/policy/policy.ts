/** Whom the user trusts and what is required; comes from flags, never from a bundle or a registry. */
export interface SignaturePolicy {
  /** `--key`: any one of them suffices. Empty: nobody was told to be trusted. */
  readonly keys: readonly TrustedKey[]
  /** `--require-signatures`: unsigned, and signed by nobody trusted, is a fail instead of a warn. */
  readonly requireSignatures: boolean
}

export interface TrustedKey {
  /** The file as given, for messages. */
  readonly name: string
  /** PEM: SubjectPublicKeyInfo or PKCS #1; checked where it was read. */
  readonly pem: string
}
