import type { CrlSource } from '../../policy/notation/crl-source.ts'
import type { TrustPolicyStatement } from '../../policy/notation/trust-policy.ts'
import { showStore, type TrustStore } from '../../policy/notation/trust-store.ts'
import { showName } from '../../x509/name.ts'
import { trustedCertificates } from './authenticity.ts'
import { outsideValidity, showTime } from './certificate-chain.ts'
import type { SignedEnvelope } from './envelope.ts'
import { faultOf } from './fault.ts'
import { type Finding, failed, notChecked, ok } from './outcome.ts'
import { checkRevocation } from './revocation.ts'
import { type VerifiedTimestamp, verifyTimestampToken } from './timestamp-token.ts'

export interface TimestampCheck extends Finding {
  readonly timestamp?: VerifiedTimestamp
}

export interface TimestampInput {
  readonly envelope: SignedEnvelope
  readonly statement: TrustPolicyStatement
  readonly stores: readonly TrustStore[]
  readonly crls: readonly CrlSource[]
  readonly at: number
}

/**
 * Notation's check of the time: the chain was valid when a trusted service or timestamp says that it was signed; without any, it
 * is valid now.
 *
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#steps
 */
export const checkAuthenticTimestamp = (input: TimestampInput): TimestampCheck => {
  const { envelope, statement, at } = input
  const { chain, scheme, signingTime } = envelope
  if (scheme === 'notary.x509.signingAuthority') {
    const outside = outsideValidity(chain, signingTime)
    if (outside !== undefined) return failed(`a chain that was valid when the authority signed, at ${showTime(signingTime)}`, outside)
    return ok(`the authority signed at ${showTime(signingTime)}`)
  }
  const expired = chain.some(({ notAfter }) => at > notAfter)
  const wanted = statement.trustStores.some(({ type }) => type === 'tsa') && (statement.verifyTimestamp === 'always' || expired)
  if (wanted) return checkToken(input)
  const outside = outsideValidity(chain, at)
  if (outside === undefined) return ok(`the chain is valid at ${showTime(at)}; no timestamp was needed`)
  return failed(`a chain that is valid at ${showTime(at)}, or a timestamp and a trust store of the type tsa for it`, outside)
}

const checkToken = ({ envelope, statement, stores, crls, at }: TimestampInput): TimestampCheck => {
  const names = statement.trustStores.filter(({ type }) => type === 'tsa').map(showStore)
  const expected = `a timestamp by an authority of ${names.join(', ')}`
  if (envelope.timestampToken === undefined) return failed(expected, 'the envelope has none')
  const roots = trustedCertificates(statement, 'tsa', stores)
  if (typeof roots === 'string') return failed(expected, roots)
  let timestamp: VerifiedTimestamp
  try {
    timestamp = verifyTimestampToken(
      envelope.timestampToken,
      envelope.signature,
      roots.map(({ certificate }) => certificate),
    )
  } catch (error) {
    return failed(expected, faultOf(error))
  }
  const { time, accuracyMs, chain } = timestamp
  const outside = outsideValidity(envelope.chain, time - accuracyMs, time + accuracyMs)
  if (outside !== undefined) return { ...failed(`a chain that was valid at ${showSpan(timestamp)}`, outside), timestamp }
  const revocation = checkRevocation({ chain, crls, at, signedAt: undefined, whose: 'timestamping' })
  const { expected: wanted = '', actual = '' } = revocation.error ?? {}
  if (revocation.result === 'failed') return { ...failed(wanted, actual), timestamp }
  // No policy can turn this off (notaryproject/specifications issue 303), so that its hint is where to get the lists.
  if (revocation.result === 'notChecked') return { ...notChecked(`${wanted}, also of the timestamp's`, actual), timestamp }
  return { ...ok(`timestamped at ${showSpan(timestamp)} by ${showName(chain[0]!.subject)}`), timestamp }
}

const showSpan = ({ time, accuracyMs }: VerifiedTimestamp): string =>
  `${showTime(time)}${accuracyMs === 0 ? '' : ` (give or take ${accuracyMs} ms)`}`
