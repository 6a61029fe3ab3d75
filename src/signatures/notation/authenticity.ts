import { isWithin } from '../../policy/notation/distinguished-name.ts'
import type { TrustPolicyStatement } from '../../policy/notation/trust-policy.ts'
import { type StoreName, type StoreType, showStore, type TrustStore } from '../../policy/notation/trust-store.ts'
import { type Certificate, sameCertificate } from '../../x509/certificate.ts'
import { showName } from '../../x509/name.ts'
import type { SignedEnvelope } from './envelope.ts'
import { leafIdentity } from './leaf-identity.ts'
import { type Finding, failed, ok } from './outcome.ts'

/** The certificates of the stores of one type that a statement names; or why they cannot be had. */
export const trustedCertificates = (
  { trustStores }: TrustPolicyStatement,
  type: StoreType,
  given: readonly TrustStore[],
): readonly { readonly certificate: Certificate; readonly store: StoreName }[] | string => {
  const wanted = trustStores.filter(store => store.type === type)
  if (wanted.length === 0) return `no trust store of the type ${type} is in the policy`
  const trusted: { certificate: Certificate; store: StoreName }[] = []
  for (const store of wanted) {
    const found = given.find(one => one.type === type && one.name === store.name)
    if (found === undefined) return `the trust store ${showStore(store)} was not given`
    // One store that is damaged may be the one that matters: notation stops here as well.
    if (found.fault !== undefined) return `the trust store ${showStore(store)} cannot be used: ${found.fault}`
    trusted.push(...found.certificates.map(certificate => ({ certificate, store })))
  }
  return trusted
}

/**
 * Notation's check of authenticity: a certificate of the chain, whichever, is in a trust store of the statement, and the leaf's
 * holder is a trusted identity.
 */
export const checkAuthenticity = (envelope: SignedEnvelope, statement: TrustPolicyStatement, stores: readonly TrustStore[]): Finding => {
  const type = envelope.scheme === 'notary.x509' ? 'ca' : 'signingAuthority'
  const names = statement.trustStores.filter(store => store.type === type).map(showStore)
  const expected = `a certificate of the trust stores ${names.length === 0 ? `of the type ${type}` : names.join(', ')}`
  const trusted = trustedCertificates(statement, type, stores)
  if (typeof trusted === 'string') return failed(expected, trusted)
  const match = trusted.find(({ certificate }) => envelope.chain.some(one => sameCertificate(one, certificate)))
  if (match === undefined) return failed(expected, `the chain ${envelope.chain.map(({ subject }) => showName(subject)).join(' < ')}`)
  const found = `${showName(match.certificate.subject)} is in ${showStore(match.store)}`
  return checkIdentity(envelope.chain[0]!, statement, found)
}

/** @param found how the chain is trusted, for the note */
export const checkIdentity = (
  leaf: Certificate,
  { trustedIdentities, name }: Pick<TrustPolicyStatement, 'trustedIdentities' | 'name'>,
  found: string,
): Finding => {
  if (trustedIdentities.some(({ kind }) => kind === 'anybody')) return ok(`${found}; every signer of it is trusted`)
  const subjects = trustedIdentities.filter(identity => identity.kind === 'subject')
  if (subjects.length === 0)
    return failed('an identity x509.subject, which alone is evaluated here', `the statement "${name}" has others only`)
  const expected = `a signer within ${subjects.map(({ text }) => text).join(' or ')}`
  const subject = leafIdentity(leaf)
  if (typeof subject === 'string') return failed(expected, `${showName(leaf.subject)}, which no identity can match: it ${subject}`)
  const trusted = subjects.find(identity => isWithin(identity.name, subject))
  return trusted === undefined ? failed(expected, showName(leaf.subject)) : ok(`${found}; the signer is within ${trusted.text}`)
}
