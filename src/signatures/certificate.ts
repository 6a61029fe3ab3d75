import { X509Certificate } from 'node:crypto'
import { X509Certificate as Certificate } from '@sigstore/core'
import { type PublicKey, publicKeyFromSpki } from '../policy/keys.ts'
import { printable } from '../redact.ts'

/** What a signing certificate says of its holder. Nothing here is proven: no chain is looked at. */
export interface CertificateClaim {
  /** `alice@example.com (issuer https://accounts.example.com)` */
  readonly identity: string
  readonly key: PublicKey | undefined
}

/** Where Fulcio puts the OIDC issuer: as DER, and in old certificates as bare text (github.com/sigstore/fulcio docs/oid-info.md). */
const issuerOids = { der: '1.3.6.1.4.1.57264.1.8', text: '1.3.6.1.4.1.57264.1.1' }

/** Certificates are some KiB; reading what is nested deep in a large one takes long. */
const maxBytes = 64 << 10

/** Undefined for bytes that are no certificate, such as a bare public key in its place (GHSA-fx35-mq7g-6g98). */
export const claimOf = (der: Buffer): CertificateClaim | undefined => {
  if (der.length > maxBytes) return undefined
  try {
    const certificate = new X509Certificate(der)
    const [name = certificate.subject] = (certificate.subjectAltName ?? '').split(', ').filter(san => san !== '')
    const holder = name.replace(/^(?:email|URI|DNS|othername):/, '').replaceAll('\n', ', ')
    const issuer = fulcioIssuer(der) ?? certificate.issuer.replaceAll('\n', ', ')
    return {
      identity: `${printable(holder)} (issuer ${printable(issuer)})`,
      key: publicKeyFromSpki(certificate.publicKey.export({ format: 'der', type: 'spki' })),
    }
  } catch {
    return undefined
  }
}

const fulcioIssuer = (der: Buffer): string | undefined => {
  const certificate = Certificate.parse(Buffer.from(der))
  const inDer = certificate.extension(issuerOids.der)?.valueObj.subs[0]?.value
  return (inDer ?? certificate.extension(issuerOids.text)?.value)?.toString('utf8')
}
