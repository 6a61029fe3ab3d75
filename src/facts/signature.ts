import type { Digest } from '../digest.ts'
import type { Fact, Failure } from './fact.ts'

/**
 * Where what hangs on a digest is kept. `sigTag`, `attTag`, `sbomTag`: cosign's tags `sha256-<hex>.sig`, `.att` and `.sbom`;
 * `referrersApi`: what the registry lists; `referrersTag`: the tag `sha256-<hex>`, which stands in for that list.
 * Facts of schema version 1 have neither `attTag` nor `sbomTag`: nobody looked there.
 */
export type SignaturePlaceKind = 'sigTag' | 'attTag' | 'sbomTag' | 'referrersApi' | 'referrersTag'

/** In which repository something is, where that is another than the image's own, and under which tags. */
export interface SignatureHome {
  /** `registry/repository` (COSIGN_REPOSITORY, a policy's source); absent: the image's own. */
  readonly source?: string
  /** What stands before cosign's tags there (a policy's `tagPrefix`); absent: nothing. */
  readonly tagPrefix?: string
}

/** One place that was asked, and what it answered. An error is never an absence. */
export type SignaturePlace = SignatureHome & {
  readonly kind: SignaturePlaceKind
  /** Digest of the index or manifest of which it is kept there. */
  readonly subject: Digest
  /** `registry/repository:tag`, or the path of the referrers API. */
  readonly at: string
} & (
    | {
        readonly state: 'found'
        /** How many things there were not looked at, because there were too many. */
        readonly unread: number
      }
    | { readonly state: 'absent' }
    | ({ readonly state: 'error' } & Omit<Failure, 'ok'>)
  )

/**
 * The form in which something is kept, as its place and its manifest say; what it is worth, and whether a bundle is a signature or an
 * attestation, is told by its content alone.
 *
 * - `cosign`: a layer of the `.sig` tag: a simple signing payload, its signature in the annotations of the layer
 * - `cosignAttestation`: a layer of the `.att` tag: a DSSE envelope, certificate and log entry in the annotations of the layer
 * - `cosignReferrer`: a layer as of the `.sig` tag, in a manifest that hangs on the image ("experimental OCI 1.1")
 * - `inTotoReferrer`: a layer as of the `.att` tag, in a manifest that hangs on the image
 * - `sigstoreBundle`: a Sigstore bundle, the one layer of a manifest that hangs on the image
 * - `notation`: a Notary Project envelope, JWS or COSE as `mediaType` says, the one layer of a manifest that hangs on the image
 * - `sbomAttachment`: a layer of the `.sbom` tag or the like; nobody signed it
 * - `unknown`: anything else
 */
export type SignatureKind =
  | 'cosign'
  | 'cosignAttestation'
  | 'cosignReferrer'
  | 'inTotoReferrer'
  | 'sigstoreBundle'
  | 'notation'
  | 'sbomAttachment'
  | 'unknown'

/** Something that hangs on a digest of the image. */
export interface FoundSignature extends SignatureHome {
  readonly kind: SignatureKind
  /** On what it hangs: by the name of the tag, or by the list; what a referrer itself names as its subject stands in its manifest. */
  readonly subject: Digest
  /** Every place of this repository where it was found. */
  readonly places: readonly SignaturePlaceKind[]
  /** Of the manifest that holds it, kept as a blob where `content` is. Annotations are read from there. */
  readonly manifest: Digest
  /** Which of the manifest's layers. */
  readonly layer: number
  /** Of the layer, or the artifact type of what is not known. */
  readonly mediaType: string
  /**
   * The layer, kept as a blob, or why it could not be had. Absent of what nobody signed and of what is not known, unless its manifest
   * could not be read, so that it may be anything.
   */
  readonly content?: Fact<{ readonly blob: Digest }>
}

/** What a signature of the Notary Project repeats of what it signs; absent in facts of schema version 1. */
export interface SubjectForm {
  /** As served, or as the index says that names it. */
  readonly mediaType?: string
  readonly sizeBytes?: number
}

/** The image of a platform, where the reference points at an index. */
export type SignedPlatform = { readonly platform: string } & Fact<{ readonly digest: Digest } & SubjectForm>

/** All that hangs on an image, of which the checks of signatures, attestations and vulnerabilities judge each its part. */
export type SignatureFact = { readonly plugin: string; readonly image: string } & Fact<
  SubjectForm & {
    /** `registry/repository` that was asked, or would be. */
    readonly repository: string
    /** The folder or archive that was read instead, as it was named. */
    readonly local?: string
    /** What the reference points at; its bytes are kept as a blob. */
    readonly digest: Digest
    readonly root: 'index' | 'manifest'
    /** One for each required platform; none for a single manifest. */
    readonly platforms: readonly SignedPlatform[]
    readonly places: readonly SignaturePlace[]
    readonly signatures: readonly FoundSignature[]
  }
>
