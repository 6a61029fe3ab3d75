import { type PublicKey, publicKeyFromSpki } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import { Malformed } from './malformed.ts'
import { type CertificateNames, namesOf } from './sigstore/certificate-names.ts'
import { type Certificate, readCertificate } from './sigstore/x509.ts'

/** What a signing certificate says of its holder. Nothing here is proven: no chain is looked at. */
export interface CertificateClaim {
  /** `alice@example.com (issuer https://accounts.example.com)` */
  readonly identity: string
  readonly key: PublicKey | undefined
}

/** Undefined for bytes that are no certificate, such as a bare public key in its place (GHSA-fx35-mq7g-6g98). */
export const claimOf = (der: Buffer): CertificateClaim | undefined => {
  try {
    const certificate = readCertificate(der)
    const { issuer, subject } = certificate.inWords()
    const names = namesOrNone(certificate)
    const [holder, voucher] = [names.subjects[0] ?? subject, names.issuer ?? issuer].map(
      name => printable(name.replaceAll('\n', ', ')) || 'without a name',
    )
    return { identity: `${holder} (issuer ${voucher})`, key: publicKeyFromSpki(certificate.spki) }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Names that nobody can have are not repeated. */
const namesOrNone = (certificate: Certificate): CertificateNames => {
  try {
    return namesOf(certificate)
  } catch (error) {
    if (error instanceof Malformed) return { subjects: [], issuer: undefined }
    throw error
  }
}
