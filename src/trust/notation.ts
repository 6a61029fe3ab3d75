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
