import type { Digest } from '../digest.ts'
import type { Fact, Failure } from './fact.ts'

/** Where signatures of a digest are kept: cosign's tag, the referrers API, and the tag that stands in for the API. */
export type SignaturePlaceKind = 'sigTag' | 'referrersApi' | 'referrersTag'

/** One place that was asked, and what it answered. An error is never an absence. */
export type SignaturePlace = {
  readonly kind: SignaturePlaceKind
  /** Digest of the index or manifest whose signatures are kept there. */
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

/** The form of a signature, as its manifest says. */
export type SignatureKind = 'cosign' | 'cosignReferrer' | 'sigstoreBundle' | 'unknown'

/** Something that hangs on a digest of the image. */
export interface FoundSignature {
  readonly kind: SignatureKind
  readonly subject: Digest
  /** Every place where it was found. */
  readonly places: readonly SignaturePlaceKind[]
  /** Of the manifest that holds it, kept as a blob unless `kind` is `unknown`. Annotations are read from there. */
  readonly manifest: Digest
  /** Which of the manifest's layers. */
  readonly layer: number
  /** Of the layer, or the artifact type of what is no signature that is judged here. */
  readonly mediaType: string
  /** The signed payload or bundle, kept as a blob; absent where `kind` is `unknown`. */
  readonly content?: Fact<{ readonly blob: Digest }>
}

/** The image of a platform, where the reference points at an index. */
export type SignedPlatform = { readonly platform: string } & Fact<{ readonly digest: Digest }>

export type SignatureFact = { readonly plugin: string; readonly image: string } & Fact<{
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
}>
