import type { CrlSource } from '../policy/notation/crl-source.ts'
import type { TrustPolicy, TrustPolicyStatement } from '../policy/notation/trust-policy.ts'
import type { TrustStore } from '../policy/notation/trust-store.ts'
import type { NotationOutcome, NotationStep } from '../signatures/notation/outcome.ts'
import type { NotationInput, NotationTarget } from '../signatures/notation/verify-notation.ts'
import { type Attached, type BlobReader, openAttached, type Unreadable } from './attached.ts'

/** A trust policy of the Notary Project, with all that it is judged by. */
export interface NotationTrust {
  readonly policy: TrustPolicy
  /** All that the policy names. */
  readonly trustStores: readonly TrustStore[]
  readonly crls: readonly CrlSource[]
  // Functions, so that who has no such policy need not load what verifies.
  statementFor(policy: TrustPolicy, repository: string): TrustPolicyStatement | undefined
  verify(input: NotationInput): NotationOutcome
}

export type JudgedNotation =
  | { readonly state: 'judged'; readonly outcome: NotationOutcome }
  | { readonly state: 'seen'; readonly what: string }
  | Unreadable

export interface NotationQuestion {
  readonly trust: NotationTrust
  /** `registry/repository` */
  readonly repository: string
  readonly target: NotationTarget
  readonly at: Date
  readonly blob: BlobReader
}

export const judgeNotation = (attached: Attached, { trust, repository, target, at, blob }: NotationQuestion): JudgedNotation => {
  const { kind, mediaType } = attached.found
  if (kind !== 'notation') return { state: 'seen', what: 'not a signature of the Notary Project' }
  const opened = openAttached(attached, blob)
  if ('state' in opened) return opened
  const { policy, trustStores, crls } = trust
  const reference = `${repository}@${target.digest}`
  return {
    state: 'judged',
    outcome: trust.verify({ envelope: opened.bytes, mediaType, reference, target, policy, trustStores, crls, at }),
  }
}

/** Whose certificate it says signed it; proven as far as the outcome is `verified`. */
export const notationSigner = ({ claim }: NotationOutcome): string | undefined => claim?.chain[0]?.subject

/** The first step that keeps it from counting. */
export const failedStep = ({ steps }: NotationOutcome): NotationStep | undefined =>
  steps.find(({ action, result }) => action === 'enforced' && result !== 'ok')

/** How much of it holds: of several that do not count, the one of which most does tells most. */
export const notationHolds = ({ steps }: NotationOutcome): number => steps.filter(({ result }) => result === 'ok').length

/** What to do about one that does not count, a sentence. */
export const notationRemedy = (outcome: NotationOutcome): string => {
  const step = failedStep(outcome)
  if (step === undefined) return remedies.integrity
  // Both can lack a list: the signer's chain, and that of the timestamp.
  const lacksList = step.result === 'notChecked' && (step.check === 'revocation' || step.check === 'authenticTimestamp')
  return lacksList ? "Hand the list in with --crl: a file, or the folder of notation's cache." : remedies[step.check]
}

const remedies: Readonly<Record<NotationStep['check'], string>> = {
  policy: 'Write a statement for it into the trust policy.',
  integrity: 'Sign the image again.',
  authenticity:
    "Sign the image as somebody whom the policy's trust stores and identities take, or put the signer's authority into the store by a way that you trust.",
  authenticTimestamp:
    'Sign the image again with a certificate that is valid, and timestamped (notation sign --timestamp-url) if it is to last longer.',
  expiry: 'Sign the image again.',
  revocation: 'Sign the image again with another certificate, and find out what the revoked one has signed.',
  artifact: 'Deploy the image that was signed, or sign the one that is deployed.',
  userMetadata: 'Sign the image again with these annotations.',
}

/** As in `authenticity failed: expected …, found …`. */
export const stepWords = ({ check, result, error, note }: NotationStep): string => {
  const how = result === 'notChecked' ? 'not checked' : result
  const why = error === undefined ? (note ?? '') : `expected ${error.expected}, found ${error.actual}`
  return `${stepNames[check]} ${how}${why === '' ? '' : `: ${why}`}`
}

const stepNames: Readonly<Record<NotationStep['check'], string>> = {
  policy: 'trust policy',
  integrity: 'integrity',
  authenticity: 'authenticity',
  authenticTimestamp: 'authentic timestamp',
  expiry: 'expiry',
  revocation: 'revocation',
  artifact: 'image digest',
  userMetadata: 'annotations',
}
