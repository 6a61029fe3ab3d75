import { evaluatePolicies, type PolicyDecision, type PolicyVerdict } from '../../policy/evaluate.ts'
import type { ImagePolicy } from '../../policy/image-policy.ts'
import type { JudgedImage } from '../../trust/judge-image.ts'
import type { NotationTrust } from '../../trust/notation.ts'
import type { RequiredImage, SignedImage } from './case.ts'

type Policy = ImagePolicy<NotationTrust>

/** What one policy says of an image and of what the nodes run of it. */
export interface PolicyOutcome {
  readonly policy: Policy
  /** Of the digest that the reference points at. */
  readonly ofRoot: PolicyVerdict
  readonly reach: Reach
}

/** How far it holds. For the root it covers all; else every required image must hold by itself. */
export type Reach =
  | { readonly kind: 'root' }
  | { readonly kind: 'images'; readonly by: readonly PlatformVerdict[] }
  | { readonly kind: 'some'; readonly signed: readonly RequiredImage[]; readonly unsigned: readonly RequiredImage[] }
  | { readonly kind: 'none' }

interface PlatformVerdict {
  readonly platform: string
  readonly verdict: PolicyVerdict
}

export type Decided =
  | { readonly state: 'decided'; readonly outcomes: readonly PolicyOutcome[]; readonly others: readonly string[] }
  | { readonly state: 'unknownImage' | 'noPolicy'; readonly others: readonly string[] }

/** @param image as the node is told to run it */
export const decide = (policies: readonly Policy[], image: string, signed: SignedImage, judged: JudgedImage): Decided => {
  const ask = (policy: Policy, digest: string): PolicyDecision =>
    evaluatePolicies([policy], { image, digest: signed.digest }, judged.findings(digest))
  const ofRoot = policies.map(policy => ({ policy, decision: ask(policy, signed.digest) }))
  if (ofRoot.some(({ decision }) => decision.state === 'unknownImage'))
    return { state: 'unknownImage', others: policies.map(({ name }) => name) }
  const others = ofRoot.flatMap(({ decision }) => decision.others)
  const outcomes = ofRoot.flatMap(({ policy, decision }): PolicyOutcome[] => {
    const [verdict] = decision.verdicts
    return verdict === undefined
      ? []
      : [{ policy, ofRoot: verdict, reach: reachOf(verdict, signed, digest => ask(policy, digest).verdicts[0]) }]
  })
  return outcomes.length === 0 ? { state: 'noPolicy', others } : { state: 'decided', outcomes, others }
}

const reachOf = (ofRoot: PolicyVerdict, { required }: SignedImage, ask: (digest: string) => PolicyVerdict | undefined): Reach => {
  if (ofRoot.held) return { kind: 'root' }
  const each = required.map(image => ({ image, verdict: image.digest === undefined ? undefined : ask(image.digest) }))
  const held = each.flatMap(({ image, verdict }) => (verdict?.held === true ? [{ image, verdict }] : []))
  if (held.length === 0) return { kind: 'none' }
  if (held.length === each.length) return { kind: 'images', by: held.map(({ image, verdict }) => ({ platform: image.platform, verdict })) }
  return {
    kind: 'some',
    signed: held.map(({ image }) => image),
    unsigned: each.flatMap(({ image, verdict }) => (verdict?.held === true ? [] : [image])),
  }
}

export const holds = ({ reach }: PolicyOutcome): boolean => reach.kind === 'root' || reach.kind === 'images'

/** Whether somebody whom it trusts signed: a statement that skips, and one that says yes to everything, look at nothing. */
export const isVerified = (outcome: PolicyOutcome): boolean =>
  holds(outcome) && verdictsOf(outcome).every(({ held, unproven }) => held && unproven !== true)

/** By which it holds: that of the root, or those of the platforms. */
export const verdictsOf = ({ ofRoot, reach }: PolicyOutcome): readonly PolicyVerdict[] =>
  reach.kind === 'images' ? reach.by.map(({ verdict }) => verdict) : [ofRoot]
