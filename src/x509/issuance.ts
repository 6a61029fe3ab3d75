import type { Certificate } from './certificate.ts'
import { keyUsageBits } from './extensions.ts'
import { verifies } from './signature-algorithm.ts'

/** Whether `certificate` was signed with its own key, whoever it says issued it. */
export const signedItself = (certificate: Certificate): boolean => signedWith(certificate, certificate)

/**
 * Whether `issuer` may sign certificates and signed this one: Go's `CheckSignatureFrom` and the names. An issuer of version 3
 * must be an authority.
 */
export const isIssuedBy = (certificate: Certificate, issuer: Certificate): boolean =>
  certificate.issuer.bytes.equals(issuer.subject.bytes) && maySign(issuer, 'keyCertSign') && signedWith(certificate, issuer)

/** Whether the certificate's own key may sign certificates or CRLs; one without keyUsage may sign both (RFC 5280 4.2.1.3). */
export const maySign = ({ version, basicConstraints, keyUsage }: Certificate, what: 'keyCertSign' | 'cRLSign'): boolean =>
  (version !== 3 || basicConstraints?.ca === true) &&
  basicConstraints?.ca !== false &&
  (keyUsage === undefined || keyUsage.bits.has(keyUsageBits[what]))

const signedWith = ({ signatureAlgorithm, tbs, signature }: Certificate, { key }: Certificate): boolean =>
  signatureAlgorithm !== undefined && key !== undefined && verifies(signatureAlgorithm, key, tbs, signature)
