import type { Digest } from '../../digest.ts'
import type { Status } from '../../outcome.ts'
import type { Verdict } from '../../signatures/verdict.ts'

/** One thing that hangs on the image, as one policy sees it. */
export type Candidate = {
  /** As in `in the tag sha256-0a1b….sig, number 2, of the index`; the places in full are in the evidence. */
  readonly where: string
  /** What it hangs on. */
  readonly subject: Digest
} & (
  | {
      readonly state: 'judged'
      readonly verdict: Verdict
      /** Of the Notary Project, and nobody is trusted. */
      readonly notation?: true
    }
  /** Not a signature that the policy asks for. */
  | { readonly state: 'seen'; readonly what: string }
  /** A signature of the Notary Project, as a trust policy sees it. */
  | {
      readonly state: 'notation'
      readonly verified: boolean
      readonly words: string
      /** How many of its steps hold. */
      readonly holds: number
      readonly remedy: string
    }
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

/** What was collected of one plugin's signatures. */
export interface SignedImage {
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
  readonly places: readonly AskedPlace[]
}

/** The same as one policy sees it, or nobody who is trusted. */
export interface SignatureCase extends SignedImage {
  readonly candidates: readonly Candidate[]
  /** Of what falls short: a fail where the user wants the image signed. */
  readonly status: Exclude<Status, 'pass'>
  /** Whose signature is wanted, where that is one of keys: as in `the key in cosign.pub (SHA256:…)`. */
  readonly wantedKeys: readonly string[]
  /** With what it is to be signed; absent: cosign. */
  readonly wants?: 'notation'
  /** Whether somebody may sign without a key. */
  readonly keyless?: boolean
  /** Ends every message: which policy decided, where that is not clear from the command line. */
  readonly decidedBy: string
  /** The trusted root by which certificates were judged, as a sentence; empty where none was. */
  readonly rootNote: string
}

type Judged = Extract<Candidate, { state: 'judged' }>

export const judgedOf = ({ candidates }: Pick<SignatureCase, 'candidates'>): readonly Judged[] =>
  candidates.filter(candidate => candidate.state === 'judged')

/** What could not be looked at, a line each: as long as there is any, a signature may be there. */
export const gapsOf = ({ places, candidates, required }: SignatureCase): readonly string[] => [
  ...places.flatMap(({ name, answer, gap }) => (gap ? [`${name}: ${answer}`] : [])),
  ...candidates.flatMap(candidate => (candidate.state === 'unreadable' ? [`${candidate.where}: ${candidate.why}`] : [])),
  ...required.flatMap(({ platform, gap }) => (gap === undefined ? [] : [`the image for ${platform}: ${gap}`])),
]
