import type { Position } from '../position.ts'
import type { ImageGlob } from './glob.ts'
import type { IdentityRule } from './identity.ts'
import type { TrustedKey } from './policy.ts'

/** One thing that must hold for the images that it speaks of. */
export type ImagePolicy<Notation = unknown> = SigstorePolicy | NotationPolicy<Notation>

/** A ClusterImagePolicy (policy.sigstore.dev), or what the flags say in its terms. */
export interface SigstorePolicy {
  readonly kind: 'sigstore'
  /** `metadata.name`, or `the command line`. */
  readonly name: string
  /** Where it was read, `file:line:column`; for the flags, the flags. */
  readonly from: string
  /** It speaks of an image that any one of them matches. */
  readonly images: readonly ImageGlob[]
  /** Any one of them suffices. Never empty. */
  readonly authorities: readonly Authority[]
  /** `warn`: what does not hold is a warn instead of a fail. */
  readonly mode: 'enforce' | 'warn'
}

/** A trust policy of the Notary Project, which chooses its own statement by the image's repository. */
export interface NotationPolicy<Notation = unknown> {
  readonly kind: 'notation'
  readonly name: string
  readonly from: string
  /** As its own reader understood it. */
  readonly document: Notation
}

export type Authority = KeyAuthority | KeylessAuthority | StaticAuthority

/** What key and keyless authorities have in common. */
interface VerifyingAuthority {
  readonly name: string
  /** Absent: beside the image. */
  readonly source?: SignatureSource
  readonly log: LogRule
  /** Present: a signed timestamp is required, of an authority of this TrustRoot. */
  readonly timestamp?: { readonly trustRootRef: TrustRootRef }
  /** All of them are required, each by any one attestation; with any, the image's signature is not asked for. */
  readonly attestations: readonly RequiredAttestation[]
  /** Absent: either form. */
  readonly signatureFormat?: 'legacy' | 'bundle'
}

export interface KeyAuthority extends VerifyingAuthority {
  readonly kind: 'key'
  /** Any one of them suffices. */
  readonly keys: readonly TrustedKey[]
  readonly hashAlgorithm: HashAlgorithm
}

export interface KeylessAuthority extends VerifyingAuthority {
  readonly kind: 'keyless'
  /** Any one of them suffices. */
  readonly identities: readonly IdentityRule[]
  /** Whose certificate authorities and certificate logs are trusted; absent: those of the default trust root. */
  readonly trustRootRef?: TrustRootRef
  readonly insecureIgnoreSct: boolean
}

/** Decides without a look at any signature. */
export interface StaticAuthority {
  readonly kind: 'static'
  readonly name: string
  readonly action: 'pass' | 'fail'
  readonly message: string
}

export type HashAlgorithm = 'sha224' | 'sha256' | 'sha384' | 'sha512'

export interface SignatureSource {
  /** `registry/repository`; absent: the image's own repository. */
  readonly oci?: string
  /** Stands before the tag of the signature (`<prefix>sha256-<hex>.sig`), without anything between. */
  readonly tagPrefix?: string
  /** Names of Secrets with logins for `oci`. */
  readonly signaturePullSecrets: readonly string[]
}

/** Whether an entry in a transparency log is required, and whose logs are believed. */
export interface LogRule {
  readonly required: boolean
  /** Absent: the logs of the default trust root. */
  readonly trustRootRef?: TrustRootRef
}

/** The name of a TrustRoot, and where it was written. */
export interface TrustRootRef {
  readonly name: string
  readonly position: Position
}

export interface RequiredAttestation {
  readonly name: string
  /** As written, a short name of cosign's included; see {@link matchPredicateType}. */
  readonly predicateType: string
}
