import type { Certificate } from '../../x509/certificate.ts'
import { type KeyUsageBit, keyUsageBits } from '../../x509/extensions.ts'
import { isIssuedBy, signedItself } from '../../x509/issuance.ts'
import { showName } from '../../x509/name.ts'
import { Malformed } from '../malformed.ts'
import { algorithmFor } from './envelope-algorithm.ts'

export type Purpose = 'codeSigning' | 'timestamping'

const purposes = {
  any: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const
export const anyPurpose = purposes.any
export const timeStamping = purposes.timeStamping

/** The specification forbids anyExtendedKeyUsage, notation's program OCSPSigning, each alone; here both are. */
const notForSigners: readonly (keyof typeof purposes)[] = [
  'any',
  'serverAuth',
  'clientAuth',
  'emailProtection',
  'timeStamping',
  'ocspSigning',
]
const notForLeaves: readonly KeyUsageBit[] = [
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

/**
 * Notation's rules for chains (signature-specification.md at v1.1.0, "Certificate Requirements"): leaf first, each issued by the
 * next, a root at the end and none before. Validity is not looked at here: which time counts, other rules say. Extensions beyond
 * those named are not judged, by the specification.
 *
 * @throws Malformed with the certificate and the rule
 */
export const checkChain = (chain: readonly Certificate[], purpose: Purpose): void => {
  const [leaf] = chain
  if (leaf === undefined) throw new Malformed('there is no certificate in it')
  if (chain.length === 1) {
    // Whoever signs alone is no authority: keyCertSign is not asked for.
    if (!signedItself(leaf) || !leaf.issuer.bytes.equals(leaf.subject.bytes))
      throw fault(leaf, 'is alone and not signed by itself: the chain to its root belongs into the envelope')
    checkLeaf(leaf, purpose)
    return
  }
  chain.forEach((certificate, index) => {
    const issuer = chain[index + 1]
    const root = isIssuedBy(certificate, certificate)
    if (issuer === undefined && !root) throw fault(certificate, 'is the last of the chain and no root')
    if (issuer !== undefined && root) throw fault(certificate, 'is a root, and not the last of the chain')
    if (issuer !== undefined && !isIssuedBy(certificate, issuer))
      throw fault(certificate, `was not issued by the next, ${showName(issuer.subject)}`)
    if (index === 0) checkLeaf(certificate, purpose)
    else checkAuthority(certificate, purpose, index - 1)
  })
}

const fault = ({ subject }: Certificate, what: string): Malformed => new Malformed(`the certificate of ${showName(subject)} ${what}`)

/** @param below how many authorities stand between it and the leaf */
const checkAuthority = (certificate: Certificate, purpose: Purpose, below: number): void => {
  const { basicConstraints, keyUsage } = certificate
  if (basicConstraints?.ca !== true) throw fault(certificate, 'is not that of an authority')
  if (basicConstraints.pathLength !== undefined && basicConstraints.pathLength < below)
    throw fault(certificate, `may have ${basicConstraints.pathLength} authorities below it, and has ${below}`)
  checkKeyUsagePresent(certificate, purpose)
  if (keyUsage?.bits.has(keyUsageBits.keyCertSign) !== true) throw fault(certificate, 'may not sign certificates')
}

const checkLeaf = (certificate: Certificate, purpose: Purpose): void => {
  const { basicConstraints, keyUsage, extendedKeyUsage, key } = certificate
  if (basicConstraints?.ca === true) throw fault(certificate, 'is that of an authority, which may not sign itself')
  checkKeyUsagePresent(certificate, purpose)
  if (keyUsage?.bits.has(keyUsageBits.digitalSignature) !== true) throw fault(certificate, 'is not for digital signatures')
  const also = notForLeaves.filter(bit => keyUsage.bits.has(keyUsageBits[bit]))
  if (also.length > 0) throw fault(certificate, `is also for ${also.join(', ')}`)
  const named = extendedKeyUsage?.purposes ?? []
  if (purpose === 'codeSigning') {
    const wrong = notForSigners.filter(one => named.includes(purposes[one]))
    if (wrong.length > 0) throw fault(certificate, `has the extended key usage ${wrong.join(', ')}, which signers may not have`)
  } else if (named.length !== 1 || named[0] !== timeStamping || extendedKeyUsage?.critical !== true)
    throw fault(certificate, 'is not, critically, for timestamps and nothing else (RFC 3161 2.3)')
  if (algorithmFor(key) === undefined) throw fault(certificate, 'has a key of another kind or size than notation takes')
}

const checkKeyUsagePresent = (certificate: Certificate, purpose: Purpose): void => {
  if (certificate.keyUsage === undefined) throw fault(certificate, 'does not say what its key is for (keyUsage)')
  if (purpose === 'codeSigning' && !certificate.keyUsage.critical) throw fault(certificate, 'has a keyUsage that is not critical')
}

/** The first certificate that was not valid from `earliest` to `latest`, and how; undefined when all were. */
export const outsideValidity = (chain: readonly Certificate[], earliest: number, latest = earliest): string | undefined => {
  for (const { subject, notBefore, notAfter } of chain) {
    if (earliest < notBefore) return `the certificate of ${showName(subject)} is valid from ${showTime(notBefore)}`
    if (latest > notAfter) return `the certificate of ${showName(subject)} is valid until ${showTime(notAfter)}`
  }
  return undefined
}

/** Without the milliseconds when there are none. */
export const showTime = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
