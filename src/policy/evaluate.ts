import type { Digest } from '../digest.ts'
import type { Status } from '../outcome.ts'
import { printable } from '../redact.ts'
import { type AuthorityFound, judgeAuthority } from './authority-verdict.ts'
import type { Authority, ImagePolicy, NotationPolicy, SigstorePolicy } from './image-policy.ts'

/** What a trust policy of the Notary Project says of the image, as its own verifier found it. */
export interface NotationFound {
  /** `notApplicable`: no statement speaks of the image's repository; `skipped`: the statement's level is skip. */
  readonly outcome: 'verified' | 'failed' | 'skipped' | 'notApplicable'
  /** Name of the statement that speaks of the image. */
  readonly statement?: string
  /** Who signed, in words that fit after "by". */
  readonly signer?: string
  /** A line each: why a signature does not count, what was only logged. */
  readonly evidence: readonly string[]
  /** What could not be looked at. */
  readonly gaps?: readonly string[]
  /** Of a verified one, what does not hold of it and is only logged, a line each. */
  readonly logged?: readonly string[]
  /** Verified, although nobody vouches for the signer: the level only logs that. */
  readonly unproven?: boolean
}

/** Where the verified and the rejected candidates of an image come from; asked only of policies that speak of it. */
export interface Findings<Notation = unknown> {
  sigstore(policy: SigstorePolicy, authority: Exclude<Authority, { kind: 'static' }>): AuthorityFound
  notation(policy: NotationPolicy<Notation>): NotationFound
}

/** What one policy says of the image, in words for a report. */
export interface PolicyVerdict {
  readonly kind: ImagePolicy['kind']
  /** The policy's name and where it was read. */
  readonly policy: string
  readonly from: string
  /** `warn`: held, but without any verification (notation skip) or with what is only logged, or not held in mode warn. */
  readonly status: Status
  readonly held: boolean
  /** The authority that held, or the notation statement; absent when none of several did. */
  readonly authority?: string
  /** Who signed, for one that held. */
  readonly signer?: string
  readonly expected: string
  readonly found: string
  /** A line for each authority and candidate. */
  readonly evidence: readonly string[]
  /** What could not be looked at, so that what was not found may be there. */
  readonly gaps: readonly string[]
  /** What does not hold of the signature that was accepted, as the policy only logs it; absent: nothing. */
  readonly logged?: readonly string[]
  /** It held, and nobody who is trusted signed: nothing was looked at, or nobody vouches for the signer. */
  readonly unproven?: true
}

/**
 * `noPolicy`: policies were given, and none speaks of the image; `unknownImage`: policy-controller does not understand its
 * reference, so that nobody knows whether one does.
 */
export interface PolicyDecision {
  readonly state: 'held' | 'warned' | 'violated' | 'noPolicy' | 'unknownImage'
  /** Those that speak of the image, the worst first. */
  readonly verdicts: readonly PolicyVerdict[]
  /** Names of those that do not. */
  readonly others: readonly string[]
}

/**
 * Whether all policies that speak of the image hold, a ClusterImagePolicy and a notation trust policy alike; within a
 * ClusterImagePolicy any authority suffices (policy-controller pkg/webhook/validator.go validatePolicies at f925c0c1).
 *
 * @param image as the node is told to run it, and to what that points
 */
export const evaluatePolicies = <Notation>(
  policies: readonly ImagePolicy<Notation>[],
  image: PinnedImage,
  findings: Findings<Notation>,
): PolicyDecision => {
  const verdicts: PolicyVerdict[] = []
  const others: string[] = []
  for (const policy of policies) {
    if (policy.kind === 'sigstore') {
      const matches = matchesImage(policy, image)
      if (matches === undefined) return { state: 'unknownImage', verdicts: [], others: policies.map(({ name }) => name) }
      if (matches) verdicts.push(judgeSigstore(policy, findings))
      else others.push(policy.name)
    } else {
      const found = findings.notation(policy)
      if (found.outcome === 'notApplicable') others.push(policy.name)
      else verdicts.push(judgeNotation(policy, found))
    }
  }
  return { state: stateOf(verdicts), verdicts: verdicts.toSorted((a, b) => rank[b.status] - rank[a.status]), others }
}

const rank = { pass: 0, warn: 1, fail: 2 } as const

const stateOf = (verdicts: readonly PolicyVerdict[]): PolicyDecision['state'] => {
  if (verdicts.length === 0) return 'noPolicy'
  if (verdicts.some(({ status }) => status === 'fail')) return 'violated'
  return verdicts.some(({ status }) => status === 'warn') ? 'warned' : 'held'
}

export interface PinnedImage {
  readonly image: string
  readonly digest: Digest
}

/** Whether any of its globs matches; undefined when nobody knows. */
export const matchesImage = ({ images }: SigstorePolicy, { image, digest }: PinnedImage): boolean | undefined => {
  const answers = images.map(glob => glob.matches(image, digest))
  return answers.includes(undefined) ? undefined : answers.includes(true)
}

/** Whether any of them could, as long as it is not known what the image's tag points at. */
export const mayMatchImage = ({ images }: SigstorePolicy, image: string): boolean => images.some(glob => glob.mayMatch(image))

const judgeSigstore = (policy: SigstorePolicy, findings: Findings<never>): PolicyVerdict => {
  const judged = policy.authorities.map(authority =>
    judgeAuthority(authority, authority.kind === 'static' ? { candidates: [] } : findings.sigstore(policy, authority)),
  )
  const shared = { kind: policy.kind, policy: policy.name, from: policy.from, evidence: judged.flatMap(({ evidence }) => evidence) }
  // Where somebody who is trusted signed, an authority beside it that accepts everything takes nothing away.
  const held = judged.find(({ held, looked }) => held && looked) ?? judged.find(({ held }) => held)
  if (held !== undefined) {
    const { authority, signer, expected, found } = held
    const by = { authority, ...(signer === undefined ? {} : { signer }) }
    const unproven = held.looked ? {} : { unproven: true as const }
    return { ...shared, ...by, status: 'pass', held: true, expected, found, gaps: [], ...unproven }
  }
  const [only] = judged.length === 1 ? judged : []
  return {
    ...shared,
    status: policy.mode === 'warn' ? 'warn' : 'fail',
    held: false,
    ...(only === undefined ? {} : { authority: only.authority }),
    expected: judged.map(({ expected }) => expected).join('; or '),
    found: [...new Set(judged.map(({ found }) => found))].join('; '),
    gaps: [...new Set(judged.flatMap(({ gaps }) => gaps))],
  }
}

const judgeNotation = ({ kind, name, from }: NotationPolicy, found: NotationFound): PolicyVerdict => {
  const { statement, signer, gaps = [] } = found
  const shared = {
    kind,
    policy: name,
    from,
    ...(statement === undefined ? {} : { authority: statement }),
    expected: `a signature of the Notary Project that the statement "${printable(statement ?? 'of the image', 80)}" accepts`,
    evidence: found.evidence,
  }
  if (found.outcome === 'skipped')
    return {
      ...shared,
      status: 'warn',
      held: true,
      found: 'nothing was verified: the level of the statement is skip',
      gaps: [],
      unproven: true,
    }
  if (found.outcome === 'verified') {
    const { logged = [], unproven = false } = found
    return {
      ...shared,
      ...(signer === undefined ? {} : { signer }),
      status: logged.length > 0 ? 'warn' : 'pass',
      held: true,
      found: signer === undefined ? 'such a signature' : `one by ${signer}`,
      gaps: [],
      ...(logged.length === 0 ? {} : { logged }),
      ...(unproven ? { unproven } : {}),
    }
  }
  return { ...shared, status: 'fail', held: false, found: found.evidence[0] ?? 'none', gaps }
}
