import type { CrlSource } from '../../policy/notation/crl-source.ts'
import { scopeFault } from '../../policy/notation/registry-scope.ts'
import { statementFor, type TrustPolicy, type TrustPolicyStatement } from '../../policy/notation/trust-policy.ts'
import type { TrustStore } from '../../policy/notation/trust-store.ts'
import type { Check } from '../../policy/notation/verification-level.ts'
import { checks } from '../../policy/notation/verification-level.ts'
import { fingerprintOf } from '../../x509/certificate.ts'
import { showName } from '../../x509/name.ts'
import { checkAuthenticTimestamp } from './authentic-timestamp.ts'
import { checkAuthenticity } from './authenticity.ts'
import { showTime } from './certificate-chain.ts'
import { openEnvelope, type SignedEnvelope } from './envelope.ts'
import { faultOf } from './fault.ts'
import {
  type Finding,
  failed,
  type NotationCheck,
  type NotationClaim,
  type NotationOutcome,
  type NotationStep,
  notMade,
  ok,
  passes,
} from './outcome.ts'
import { checkRevocation } from './revocation.ts'
import type { VerifiedTimestamp } from './timestamp-token.ts'

/** The image that a signature should be of, as the registry served it. */
export interface NotationTarget {
  readonly mediaType: string
  readonly digest: string
  readonly sizeBytes: number
}

export interface NotationInput {
  readonly envelope: Uint8Array
  /** Of the layer that the envelope is. */
  readonly mediaType: string
  /** `domain/repository@digest`, the name in full: it chooses the statement of the policy. */
  readonly reference: string
  readonly target: NotationTarget
  readonly policy: TrustPolicy
  /** All that the policy names; one that is missing is a failure where it is needed. */
  readonly trustStores: readonly TrustStore[]
  readonly crls: readonly CrlSource[]
  /** The time for which the question is asked. */
  readonly at: Date
  /** Annotations that the signer must have signed (`notation verify -m`). */
  readonly userMetadata?: Readonly<Record<string, string>>
}

/**
 * What one signature is worth under a trust policy. Never throws for anything that the signature, the stores or the lists hold.
 *
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#signature-verification
 */
export const verifyNotation = (input: NotationInput): NotationOutcome => {
  const found = findStatement(input)
  if ('fault' in found) {
    const steps: readonly NotationStep[] = [{ check: 'policy', action: 'enforced', ...found.fault }]
    return { verdict: 'failed', statement: undefined, level: undefined, steps, claim: undefined }
  }
  const { statement } = found
  const { name, level } = statement
  if (level === 'skip') {
    const steps = checks.map(check => stepOf(statement, check, notMade('the trust policy skips it')))
    return { verdict: 'skipped', statement: name, level, steps, claim: undefined }
  }
  const { steps, claim } = judge(input, statement)
  return { verdict: steps.every(passes) ? 'verified' : 'failed', statement: name, level, steps, claim }
}

const findStatement = ({ reference, policy, target }: NotationInput): { statement: TrustPolicyStatement } | { fault: Finding } => {
  const at = reference.lastIndexOf('@')
  const repository = reference.slice(0, Math.max(at, 0))
  const wanted = 'a reference of the form domain/repository@digest'
  if (at < 0) return { fault: failed(wanted, `${reference}, which has no digest`) }
  if (scopeFault(repository) !== undefined) return { fault: failed(wanted, reference) }
  if (reference.slice(at + 1) !== target.digest) return { fault: failed(`the digest ${target.digest}`, reference) }
  const statement = statementFor(policy, repository)
  if (statement !== undefined) return { statement }
  return { fault: failed(`a statement for ${repository}, or for *, in ${policy.file}`, 'there is none') }
}

const judge = (input: NotationInput, statement: TrustPolicyStatement): Pick<NotationOutcome, 'steps' | 'claim'> => {
  const { trustStores: stores, crls, userMetadata } = input
  const at = input.at.getTime()
  const step = (check: NotationCheck, finding: () => Finding) => stepOf(statement, check, finding())
  let envelope: SignedEnvelope
  try {
    envelope = openEnvelope(input.envelope, input.mediaType)
  } catch (error) {
    const integrity = failed('an envelope that its certificate signed, by the rules of notation', faultOf(error))
    const rest = [...checks.slice(1), 'artifact' as const].map(check => step(check, () => notMade('nothing can be said without integrity')))
    return { steps: [stepOf(statement, 'integrity', integrity), ...rest], claim: undefined }
  }
  const { timestamp, ...authenticTimestamp } = checkAuthenticTimestamp({ envelope, statement, stores, crls, at })
  const signedAt = envelope.scheme === 'notary.x509.signingAuthority' ? envelope.signingTime : undefined
  const findings: Readonly<Record<Check, () => Finding>> = {
    integrity: () => ok(),
    authenticity: () => checkAuthenticity(envelope, statement, stores),
    authenticTimestamp: () => authenticTimestamp,
    expiry: () => checkExpiry(envelope, at),
    revocation: () =>
      statement.actions.revocation === 'skipped'
        ? notMade('the trust policy skips it')
        : checkRevocation({ chain: envelope.chain, crls, at, signedAt, whose: 'signing' }),
  }
  return {
    steps: [
      ...checks.map(check => step(check, findings[check])),
      step('artifact', () => checkArtifact(envelope, input.target)),
      ...(userMetadata === undefined ? [] : [step('userMetadata', () => checkUserMetadata(envelope, userMetadata))]),
    ],
    claim: claimOf(envelope, timestamp),
  }
}

const stepOf = ({ actions }: TrustPolicyStatement, check: NotationCheck, finding: Finding): NotationStep => ({
  check,
  action: check === 'policy' || check === 'artifact' || check === 'userMetadata' ? 'enforced' : actions[check],
  ...finding,
})

const checkExpiry = ({ expiry }: SignedEnvelope, at: number): Finding => {
  if (expiry === undefined) return ok('it does not expire')
  return at < expiry
    ? ok(`it expires at ${showTime(expiry)}`)
    : failed(`a signature that is valid at ${showTime(at)}`, `it expired at ${showTime(expiry)}`)
}

const checkArtifact = ({ target }: SignedEnvelope, wanted: NotationTarget): Finding => {
  const show = ({ mediaType, digest, sizeBytes }: NotationTarget) => `${digest} (${mediaType}, ${sizeBytes} bytes)`
  const same = target.mediaType === wanted.mediaType && target.digest === wanted.digest && target.sizeBytes === wanted.sizeBytes
  return same ? ok() : failed(show(wanted), show(target))
}

const checkUserMetadata = ({ target }: SignedEnvelope, wanted: Readonly<Record<string, string>>): Finding => {
  const missing = Object.entries(wanted).find(([name, value]) => target.annotations.get(name) !== value)
  if (missing === undefined) return ok()
  const [name, value] = missing
  return failed(`${name}=${value}`, target.annotations.has(name) ? `${name}=${target.annotations.get(name)}` : `no ${name}`)
}

const claimOf = (envelope: SignedEnvelope, timestamp: VerifiedTimestamp | undefined): NotationClaim => ({
  target: envelope.target,
  scheme: envelope.scheme,
  signingTime: envelope.signingTime,
  expiry: envelope.expiry,
  signingAgent: envelope.signingAgent,
  chain: envelope.chain.map(certificate => ({
    subject: showName(certificate.subject),
    issuer: showName(certificate.issuer),
    fingerprint: fingerprintOf(certificate),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  })),
  ...(timestamp === undefined
    ? {}
    : {
        timestamp: { time: timestamp.time, accuracyMs: timestamp.accuracyMs, authority: showName(timestamp.chain[0]!.subject) },
      }),
})
