import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { context, contextPrimitive, cursorOf, type Der, readDer, tags } from './der.ts'
import { integerOf, oidOf, smallIntegerOf, timeOf, wholeBitsOf } from './der-values.ts'
import {
  type BasicConstraints,
  type ExtendedKeyUsage,
  type Extensions,
  extensionOids,
  type KeyUsage,
  namesOcsp,
  readBasicConstraints,
  readDistributionPoints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
} from './extensions.ts'
import { checkKnownExtensions } from './known-extensions.ts'
import { type Name, readName } from './name.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts'
import { X509Error } from './x509-error.ts'

/** An X.509 certificate (RFC 5280 4.1), read as strictly as Go's crypto/x509. Nothing in it is proven by reading it. */
export interface Certificate {
  readonly der: Buffer
  /** What its issuer signed. */
  readonly tbs: Buffer
  readonly version: number
  /** The bytes of the number. */
  readonly serial: Buffer
  readonly issuer: Name
  readonly subject: Name
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  /** Undefined when it is of a kind that is not used here. */
  readonly key: KeyObject | undefined
  readonly extensions: Extensions
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: KeyUsage | undefined
  readonly extendedKeyUsage: ExtendedKeyUsage | undefined
  readonly crlUrls: readonly string[]
  readonly hasOcsp: boolean
  /** Undefined when it is one that is not safe. */
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  readonly signature: Buffer
}

/** Certificates are some KiB. */
export const maxCertificateBytes = 64 << 10

/** @throws X509Error */
export const parseCertificate = (bytes: Uint8Array): Certificate => {
  if (bytes.length > maxCertificateBytes) throw new X509Error(`a certificate of ${bytes.length} bytes is larger than any`)
  const outer = cursorOf(readDer(bytes, tags.sequence, 'the certificate'))
  const tbs = outer.next(tags.sequence, 'the body of the certificate')
  const algorithm = outer.next(tags.sequence, 'the signature algorithm')
  const signature = wholeBitsOf(outer.next(tags.bitString, 'the signature of the certificate'), 'the signature of the certificate')
  outer.end('the certificate')
  return { der: Buffer.from(bytes), tbs: tbs.bytes, signature, ...readBody(tbs, algorithm) }
}

const readBody = (tbs: Der, outerAlgorithm: Der): Omit<Certificate, 'der' | 'tbs' | 'signature'> => {
  const fields = cursorOf(tbs)
  const version = readVersion(fields.optional(context(0)))
  const serial = integerOf(fields.next(tags.integer, 'the serial number'), 'the serial number')
  if (serial[0]! >= 0x80) throw new X509Error('the serial number is negative')
  // RFC 5280 4.1.1.2: one of them alone is signed.
  if (!fields.next(tags.sequence, 'the signature algorithm').bytes.equals(outerAlgorithm.bytes))
    throw new X509Error('the certificate names two signature algorithms')
  const issuer = readName(fields.next(tags.sequence, 'the issuer'), 'the issuer')
  const validity = cursorOf(fields.next(tags.sequence, 'the validity'))
  const notBefore = timeOf(validity.any('notBefore'), 'notBefore')
  const notAfter = timeOf(validity.any('notAfter'), 'notAfter')
  validity.end('the validity')
  const subject = readName(fields.next(tags.sequence, 'the subject'), 'the subject')
  const key = readKey(fields.next(tags.sequence, 'the public key'))
  if (version > 1) for (const unique of [1, 2]) fields.optional(contextPrimitive(unique))
  const list = version === 3 ? fields.optional(context(3)) : undefined
  fields.end('the body of the certificate')
  const extensions: Extensions =
    list === undefined ? new Map() : readExtensions(readDer(list.content, tags.sequence, 'the extensions'), 'the certificate')
  checkKnownExtensions(extensions)
  const points = extensions.get(extensionOids.crlDistributionPoints)
  return {
    version,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    key,
    extensions,
    basicConstraints: readBasicConstraints(extensions),
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    crlUrls: points === undefined ? [] : readDistributionPoints(points.value, 'cRLDistributionPoints'),
    hasOcsp: namesOcsp(extensions),
    signatureAlgorithm: readSignatureAlgorithm(outerAlgorithm),
  }
}

const readVersion = (field: Der | undefined): number => {
  if (field === undefined) return 1
  const version = smallIntegerOf(readDer(field.content, tags.integer, 'the version'), 'the version') + 1
  if (version !== 2 && version !== 3) throw new X509Error(`the version is ${version}`)
  return version
}

/** Algorithms of keys that are used here (RFC 3279 2.3.1, RFC 5480 2.1.1, RFC 8410 3). */
const keyOids = ['1.2.840.113549.1.1.1', '1.2.840.10045.2.1', '1.3.101.112']
/** By OpenSSL's names; of the curves that Go's crypto/x509 reads. */
const curves = ['prime256v1', 'secp224r1', 'secp384r1', 'secp521r1']

/**
 * The key of a SubjectPublicKeyInfo. OpenSSL skips what follows a key and takes other encodings and curves; Go's crypto/x509
 * refuses a certificate with such a key, and passes over one with a key of a kind that it does not know.
 */
const readKey = (spki: Der): KeyObject | undefined => {
  const algorithm = cursorOf(cursorOf(spki).next(tags.sequence, 'the public key'))
  if (!keyOids.includes(oidOf(algorithm.next(tags.oid, 'the public key'), 'the public key'))) return undefined
  try {
    const key = createPublicKey({ key: spki.bytes, format: 'der', type: 'spki' })
    const { namedCurve } = key.asymmetricKeyDetails ?? {}
    const isSame = key.export({ format: 'der', type: 'spki' }).equals(spki.bytes)
    if (isSame && (namedCurve === undefined || (curves.includes(namedCurve) && isUncompressed(spki)))) return key
  } catch {
    // Below, as for keys that are read in spite of what is wrong with them.
  }
  throw new X509Error('the public key is damaged, or on a curve that is not used')
}

/** SEC 1 2.3.3: behind the count of unused bits stands 4; OpenSSL also takes the hybrid form, with 6 or 7. */
const isUncompressed = (spki: Der): boolean => {
  const fields = cursorOf(spki)
  fields.next(tags.sequence, 'the public key')
  return fields.next(tags.bitString, 'the public key').content[1] === 4
}

/** SHA-256 of the whole certificate, in hex: what people compare. */
export const fingerprintOf = ({ der }: Certificate): string => createHash('sha256').update(der).digest('hex')

/** True when both are the same bytes. */
export const sameCertificate = (a: Certificate, b: Certificate): boolean => a.der.equals(b.der)
