import type { Digest } from '../../digest.ts'
import type { TrustedPublicKey, Verdict } from '../../signatures/verdict.ts'

/** One thing that hangs on the image. */
export type Candidate = {
  /** As in `tag sha256-0a1b….sig, signature 2, of the index`; the places in full are in the evidence. */
  readonly where: string
  /** What it hangs on. */
  readonly subject: Digest
} & (
  | { readonly state: 'judged'; readonly verdict: Verdict }
  /** Not a signature that is judged here. */
  | { readonly state: 'seen'; readonly what: string }
  | { readonly state: 'unreadable'; readonly code: string; readonly why: string }
)

/** A place that was asked. */
export interface AskedPlace {
  /** In full, to be copied. */
  readonly at: string
  /** As in `tag sha256-0a1b….sig`. */
  readonly name: string
  readonly subject: Digest
  /** Whether signatures of the image are kept there, and not only attestations and the like. */
  readonly forSignatures: boolean
  /** What it answered, in words. */
  readonly answer: string
  /** Whether a signature can be there that was not looked at. */
  readonly gap: boolean
}

/** The image that a node of this platform runs; undefined when that is not known. */
export interface RequiredImage {
  readonly platform: string
  readonly digest: Digest | undefined
  /** Why it is not known, where that leaves open whether it is signed: not when there is no such image. */
  readonly gap?: string
}

/** All that is known of one plugin's signatures. */
export interface SignatureCase {
  readonly plugin: string
  /** As written in the Config. */
  readonly image: string
  /** `registry/repository` */
  readonly repository: string
  /** The folder or archive that was read instead. */
  readonly local?: string | undefined
  readonly digest: Digest
  readonly root: 'index' | 'manifest'
  /** Empty for a single manifest, which every node runs. */
  readonly required: readonly RequiredImage[]
  readonly candidates: readonly Candidate[]
  readonly places: readonly AskedPlace[]
  readonly keys: readonly TrustedPublicKey[]
  /** Whether the user wants the image signed: what falls short is a fail, else a warn. */
  readonly strict: boolean
}

type Judged = Extract<Candidate, { state: 'judged' }>

export const judgedOf = ({ candidates }: SignatureCase): readonly Judged[] => candidates.filter(candidate => candidate.state === 'judged')

/** What could not be looked at, a line each: as long as there is any, a signature may be there. */
export const gapsOf = ({ places, candidates, required }: SignatureCase): readonly string[] => [
  ...places.flatMap(({ name, answer, gap }) => (gap ? [`${name}: ${answer}`] : [])),
  ...candidates.flatMap(candidate => (candidate.state === 'unreadable' ? [`${candidate.where}: ${candidate.why}`] : [])),
  ...required.flatMap(({ platform, gap }) => (gap === undefined ? [] : [`the image for ${platform}: ${gap}`])),
]

/** Enough of a digest to tell it from others, for sentences. */
export const short = (digest: string): string => digest.replace(/([0-9a-f]{12})[0-9a-f]{20,}/, '$1…')

/** How far verified signatures reach. One of the root covers all; else every required image needs its own. */
export type Coverage =
  | { readonly kind: 'root'; readonly by: Judged }
  | { readonly kind: 'images'; readonly by: readonly { readonly platform: string; readonly signature: Judged }[] }
  | { readonly kind: 'some'; readonly signed: readonly RequiredImage[]; readonly unsigned: readonly RequiredImage[] }
  | { readonly kind: 'none' }

export const coverageOf = (found: SignatureCase): Coverage => {
  const verified = judgedOf(found).filter(({ verdict }) => verdict.verified)
  const ofRoot = verified.find(({ subject }) => subject === found.digest)
  if (ofRoot !== undefined) return { kind: 'root', by: ofRoot }
  const each = found.required.map(image => ({ image, signature: verified.find(({ subject }) => subject === image.digest) }))
  const signed = each.flatMap(({ image, signature }) => (signature === undefined ? [] : [{ ...image, signature }]))
  if (signed.length === 0) return { kind: 'none' }
  if (signed.length === each.length) return { kind: 'images', by: signed }
  return { kind: 'some', signed, unsigned: each.flatMap(({ image, signature }) => (signature === undefined ? [image] : [])) }
}
