import type { Digest } from '../digest.ts'
import { matchesImage, type PinnedImage } from '../policy/evaluate.ts'
import type { RequiredAttestation } from '../policy/image-policy.ts'
import { keysOnly } from '../signatures/authority.ts'
import type { Statement } from '../signatures/dsse.ts'
import type { Verdict } from '../signatures/verdict.ts'
import type { Attached, BlobReader } from './attached.ts'
import type { VerifyingAuthority } from './authority-of.ts'
import type { Required } from './cover.ts'
import { type Judged, judgeAttached } from './judge-attached.ts'
import { type JudgedImage, placeGaps } from './judge-image.ts'
import type { Trust } from './trust.ts'
import type { Collected } from './where.ts'

/** An attestation that hangs on the image, as it was judged for whoever of the trusted takes it. */
export interface JudgedStatement {
  /** As in `in the tag sha256-0a1b….att, number 1, of the index`. */
  readonly where: string
  /** The digest on which it hangs, and which it is about where it is verified. */
  readonly subject: Digest
  readonly verdict: Verdict
  /** Proven where it is verified; undefined where it cannot be read. */
  readonly predicateType: string | undefined
  /** What is attested; only of one that is verified. */
  readonly statement: Statement | undefined
}

/** All attestations of an image, and what could not be looked at. */
export interface Statements {
  /** Whether anybody is trusted for this image. */
  readonly trusts: boolean
  readonly judged: readonly JudgedStatement[]
  /** What hangs on the image and is no attestation, or is where nobody who is trusted keeps them. */
  readonly seen: readonly { readonly where: string; readonly what: string }[]
  /** Bytes that are gone or changed since they were collected, or that were never had. */
  readonly unreadable: readonly { readonly where: string; readonly code: string; readonly why: string }[]
  /** Places that could not be asked, a line each: as long as there is any, an attestation may be there that was not seen. */
  readonly gaps: readonly string[]
}

/** Any type at all. */
const anything: readonly RequiredAttestation[] = [{ name: 'any', predicateType: '' }]

/**
 * Whom the user trusts to attest something of this image: every authority of the flags and of the policies that speak of it,
 * whatever it is asked for there.
 *
 * @param image as the node is told to run it
 */
export const attestersOf = ({ policies }: Pick<Trust, 'policies'>, image: PinnedImage): readonly VerifyingAuthority[] =>
  policies.flatMap(policy =>
    policy.kind === 'sigstore' && matchesImage(policy, image) === true
      ? policy.authorities.flatMap(authority => (authority.kind === 'static' ? [] : [{ ...authority, attestations: anything }]))
      : [],
  )

export interface StatementsQuestion {
  readonly fact: Collected
  readonly judged: JudgedImage
  /** Any of them suffices; none at all: nobody is trusted. */
  readonly attesters: readonly VerifyingAuthority[]
  /** Those of an index that are needed. */
  readonly required: readonly Required[]
  readonly blob: BlobReader
}

export const statementsOf = ({ fact, judged, attesters, required, blob }: StatementsQuestion): Statements => {
  const subjects = [...new Set([fact.digest, ...required.flatMap(({ digest }) => digest ?? [])])]
  const all = subjects
    .flatMap(subject => judged.attachedTo(subject))
    .map(attached => ({
      attached,
      best:
        attesters.length === 0
          ? judgeAttached(attached, keysOnly([]), 'attestation', blob)
          : nearest(attesters.map(authority => judged.judged(attached, authority))),
    }))
  return {
    trusts: attesters.length > 0,
    judged: all.flatMap(({ attached, best }) => (best.state === 'judged' ? [statementOf(attached, best)] : [])),
    seen: all.flatMap(({ attached: { where }, best }) => (best.state === 'seen' ? [{ where, what: best.what }] : [])),
    unreadable: all.flatMap(({ attached: { where }, best }) =>
      best.state === 'unreadable' ? [{ where, code: best.code, why: best.why }] : [],
    ),
    gaps: [...subjects.flatMap(subject => placeGaps(fact, subject, 'attestation')), ...neverAsked(fact)],
  }
}

const statementOf = ({ where, found }: Attached, { verdict, predicateType, statement }: Extract<Judged, { state: 'judged' }>) => ({
  where,
  subject: found.subject,
  verdict,
  predicateType,
  statement: verdict.verified ? statement : undefined,
})

/** Of several authorities, what the one says that it concerns. */
const nearest = (all: readonly Judged[]): Judged => all.toSorted((a, b) => nearness(b) - nearness(a))[0]!

const nearness = (judged: Judged): number => {
  if (judged.state === 'seen') return 0
  if (judged.state === 'unreadable') return 1
  const { verified, fault, key } = judged.verdict
  if (verified) return 5
  if (fault === 'otherKey' || fault === 'otherIdentity') return 2
  return key === undefined ? 3 : 4
}

/** Facts of version 1 have no such place. */
const neverAsked = ({ places }: Collected): readonly string[] =>
  places.some(({ kind }) => kind === 'attTag') ? [] : ['the tags for attestations were not looked at when the facts were collected']
