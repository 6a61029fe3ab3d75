import { fullPredicateType, matchPredicateType, signaturePredicateType } from '../predicates/predicate-types.ts'
import { printable } from '../redact.ts'
import { showRule } from './identity.ts'
import type { Authority, RequiredAttestation } from './image-policy.ts'

/** One thing that hangs on the image, as it was judged for one authority. */
export interface FoundCandidate {
  /** As in `tag sha256-0a1b….sig, signature 2`. */
  readonly where: string
  /** Signed by this authority, for this image, with all that the authority requires of log and time. */
  readonly verified: boolean
  /** Why it does not count, in a few words; absent when verified. */
  readonly reason?: string
  /** In words that fit after "by". */
  readonly signer?: string
  /** Of a statement; absent for a signature that is none. */
  readonly predicateType?: string
}

export interface AuthorityFound {
  readonly candidates: readonly FoundCandidate[]
  /** What could not be looked at, a line each. */
  readonly gaps?: readonly string[]
}

export interface AuthorityVerdict {
  readonly authority: string
  readonly held: boolean
  /** Whether signatures decided: a static authority looks at none. */
  readonly looked: boolean
  readonly signer?: string
  readonly expected: string
  readonly found: string
  readonly evidence: readonly string[]
  readonly gaps: readonly string[]
}

/** Whether the authority holds: all its attestations, each by any one; without attestations, any one signature of the image. */
export const judgeAuthority = (authority: Authority, { candidates, gaps = [] }: AuthorityFound): AuthorityVerdict => {
  const shared = { authority: authority.name, expected: expectedOf(authority), gaps, looked: authority.kind !== 'static' }
  const label = printable(authority.name, 80)
  if (authority.kind === 'static') return { ...shared, ...judgeStatic(authority, label) }
  const { attestations } = authority
  const signatures = candidates.filter(isSignature)
  const answers =
    attestations.length === 0
      ? [answerOf('a signature', signatures, candidates)]
      : attestations.map(wanted => answerOf(show(wanted), candidates.filter(isOf(wanted)), candidates.filter(isAttestation)))
  const held = answers.every(({ by }) => by !== undefined)
  const signer = answers.find(({ by }) => by?.signer !== undefined)?.by?.signer
  return {
    ...shared,
    held,
    ...(held && signer !== undefined ? { signer } : {}),
    found: (held ? answers : answers.filter(({ by }) => by === undefined)).map(({ words }) => words).join(', and '),
    evidence: [
      ...answers.map(({ words }) => `${label}: ${words}`),
      ...candidates.filter(({ verified }) => !verified).map(candidate => `${label}: ${rejected(candidate)}`),
    ],
  }
}

const judgeStatic = ({ action, message }: Extract<Authority, { kind: 'static' }>, label: string) => {
  const found = action === 'pass' ? 'the policy accepts it without a signature' : 'the policy forbids it'
  const words = message === '' ? found : `${found}: ${printable(message)}`
  return { held: action === 'pass', found: words, evidence: [`${label}: ${words}`] }
}

/** An attestation is never a signature, whoever signed it. */
const isSignature = ({ predicateType }: FoundCandidate): boolean => predicateType === undefined || predicateType === signaturePredicateType
const isAttestation = (candidate: FoundCandidate): boolean => !isSignature(candidate)

const isOf =
  ({ predicateType }: RequiredAttestation) =>
  (candidate: FoundCandidate): boolean =>
    isAttestation(candidate) && matchPredicateType(predicateType, candidate.predicateType!) !== undefined

interface Answer {
  /** The candidate that fulfils it. */
  readonly by: FoundCandidate | undefined
  readonly words: string
}

const answerOf = (what: string, fitting: readonly FoundCandidate[], all: readonly FoundCandidate[]): Answer => {
  const by = fitting.find(({ verified }) => verified)
  if (by !== undefined) {
    const type =
      by.predicateType === undefined || by.predicateType === signaturePredicateType ? '' : ` of type ${printable(by.predicateType, 120)}`
    return { by, words: `${what}${type}${by.signer === undefined ? '' : ` by ${by.signer}`} in ${by.where}` }
  }
  if (fitting.length > 0) return { by, words: `${what} only with faults: ${fitting.slice(0, 3).map(rejected).join('; ')}` }
  const types = [...new Set(all.flatMap(({ predicateType }) => (predicateType === undefined ? [] : [printable(predicateType, 120)])))]
  return { by, words: `no ${what.replace(/^an? /, '')}${types.length === 0 ? '' : `, only ${types.slice(0, 5).join(', ')}`}` }
}

const rejected = ({ where, reason, signer }: FoundCandidate): string =>
  `${where}${signer === undefined ? '' : ` by ${signer}`}: ${printable(reason ?? 'not verified', 300)}`

const show = ({ predicateType }: RequiredAttestation): string => `an attestation ${printable(predicateType, 120)}`

const expectedOf = (authority: Authority): string => {
  if (authority.kind === 'static') return authority.action === 'pass' ? 'nothing' : 'that the image is not used'
  const signer =
    authority.kind === 'key'
      ? authority.keys.map(({ name }) => printable(name, 80)).join(' or ')
      : authority.identities.map(showRule).join(' or ')
  const { attestations } = authority
  if (attestations.length === 0) return `a signature by ${signer}`
  const types = attestations.map(({ predicateType }) => {
    const full = fullPredicateType(predicateType)
    return full === predicateType ? printable(full, 120) : `${predicateType} (${full})`
  })
  return `${types.length === 1 ? 'an attestation' : 'attestations'} ${types.join(' and ')} by ${signer}`
}
