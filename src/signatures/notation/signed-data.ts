import { type Certificate, parseCertificate } from '../../x509/certificate.ts'
import { checkNested, childrenOf, context, cursorOf, type Der, readDer, tags } from '../../x509/der.ts'
import { integerOf, oidOf, smallIntegerOf } from '../../x509/der-values.ts'
import { X509Error } from '../../x509/x509-error.ts'

/** A CMS SignedData (RFC 5652 5) as a timestamp token is one. */
export interface SignedData {
  readonly contentType: string
  readonly content: Buffer
  readonly certificates: readonly Certificate[]
  readonly signers: readonly SignerInfo[]
}

export interface SignerInfo {
  readonly version: number
  readonly signer: IssuerAndSerial
  /** Algorithm identifiers, not yet judged. */
  readonly digestAlgorithm: Der
  readonly signatureAlgorithm: Der
  /** What was signed: the attributes as a SET, in the order of DER. Undefined when there are none. */
  readonly signedBytes: Buffer | undefined
  /** The first value of each, by type. */
  readonly attributes: ReadonlyMap<string, Der>
  readonly signature: Buffer
}

export interface IssuerAndSerial {
  readonly issuer: Buffer
  readonly serial: Buffer
}

const signedData = '1.2.840.113549.1.7.2'
const limits = { tokenBytes: 1 << 20, certificates: 16, signers: 8, attributes: 32 }
const what = 'the timestamp token'

/** @throws X509Error */
export const parseSignedData = (bytes: Uint8Array): SignedData => {
  if (bytes.length > limits.tokenBytes) throw new X509Error(`${what} is larger than 1 MiB`)
  const whole = readDer(bytes, tags.sequence, what)
  // Go brings the whole token from BER into DER first, and so does not take one that is broken where nobody looks.
  checkNested(whole, what)
  const outer = cursorOf(whole)
  const type = oidOf(outer.next(tags.oid, what), what)
  if (type !== signedData) throw new X509Error(`${what} is of the type ${type}, not SignedData`)
  const body = readDer(outer.next(context(0), what).content, tags.sequence, what)
  outer.end(what)
  const fields = cursorOf(body)
  const version = smallIntegerOf(fields.next(tags.integer, what), what)
  if (version !== 3) throw new X509Error(`${what} is SignedData of version ${version}, not 3`)
  for (const algorithm of childrenOf(fields.next(tags.set, what), what)) readHash(algorithm)
  const content = cursorOf(fields.next(tags.sequence, what))
  const contentType = oidOf(content.next(tags.oid, what), what)
  const octets = readDer(content.next(context(0), 'the content of the token').content, tags.octetString, what)
  content.end(what)
  const certificates = fields.optional(context(0))
  fields.optional(context(1))
  const signers = childrenOf(fields.next(tags.set, 'the list of signers'), 'the list of signers')
  fields.end(what)
  if (signers.length > limits.signers) throw new X509Error(`${what} has more than ${limits.signers} signers`)
  return {
    contentType,
    content: octets.content,
    certificates: certificates === undefined ? [] : readCertificates(certificates),
    signers: signers.map(readSigner),
  }
}

/** Which hashes all signers use is said again by each of them; that it is said at all like this, Go checks. */
const readHash = (algorithm: Der): string => oidOf(cursorOf(readDer(algorithm.bytes, tags.sequence, what)).next(tags.oid, what), what)

const readCertificates = (set: Der): readonly Certificate[] => {
  const ders = childrenOf(set, 'the certificates of the token')
  if (ders.length > limits.certificates) throw new X509Error(`${what} has more than ${limits.certificates} certificates`)
  return ders.map(({ bytes }) => parseCertificate(bytes))
}

const readSigner = (der: Der): SignerInfo => {
  const part = 'a signer of the token'
  const fields = cursorOf(readDer(der.bytes, tags.sequence, part))
  const version = smallIntegerOf(fields.next(tags.integer, part), part)
  const signer = readIssuerAndSerial(fields.next(tags.sequence, 'the identifier of the signer'))
  const digestAlgorithm = fields.next(tags.sequence, part)
  const signed = fields.optional(context(0))
  const signatureAlgorithm = fields.next(tags.sequence, part)
  const signature = fields.next(tags.octetString, 'the signature of the token').content
  fields.optional(context(1))
  fields.end(part)
  const attributes = signed === undefined ? [] : childrenOf(signed, 'the signed attributes')
  if (attributes.length > limits.attributes) throw new X509Error(`${what} has more than ${limits.attributes} signed attributes`)
  return {
    version,
    signer,
    digestAlgorithm,
    signatureAlgorithm,
    signedBytes: attributes.length === 0 ? undefined : asSet(attributes),
    attributes: readAttributes(attributes),
    signature,
  }
}

/** Of two attributes of one type the first counts in Go; here there may be no second. */
const readAttributes = (attributes: readonly Der[]): ReadonlyMap<string, Der> => {
  const values = new Map<string, Der>()
  for (const attribute of attributes) {
    const fields = cursorOf(readDer(attribute.bytes, tags.sequence, 'a signed attribute'))
    const type = oidOf(fields.next(tags.oid, 'a signed attribute'), 'a signed attribute')
    const [value] = childrenOf(fields.next(tags.set, 'a signed attribute'), 'a signed attribute')
    fields.end('a signed attribute')
    if (value === undefined) throw new X509Error(`the signed attribute ${type} has no value`)
    if (values.has(type)) throw new X509Error(`the signed attribute ${type} is there twice`)
    values.set(type, value)
  }
  return values
}

/** RFC 5652 5.4: signed is the DER of a SET OF, whose members are sorted, whatever the token's order is. */
const asSet = (attributes: readonly Der[]): Buffer => {
  const content = Buffer.concat(attributes.map(({ bytes }) => bytes).toSorted(Buffer.compare))
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x83, size >> 16, (size >> 8) & 0xff, size & 0xff]
  const shortest = size >= 0x100 && size < 0x10000 ? [0x82, size >> 8, size & 0xff] : length
  return Buffer.concat([Buffer.from([tags.set, ...shortest]), content])
}

/** @throws X509Error */
export const readIssuerAndSerial = (der: Der): IssuerAndSerial => {
  const part = 'the identifier of the signer'
  const fields = cursorOf(der)
  const issuer = fields.next(tags.sequence, part).bytes
  const serial = integerOf(fields.next(tags.integer, part), part)
  fields.end(part)
  return { issuer, serial }
}

/** The certificate that is meant. */
export const certificateOf = (certificates: readonly Certificate[], { issuer, serial }: IssuerAndSerial): Certificate | undefined =>
  certificates.find(certificate => certificate.issuer.bytes.equals(issuer) && certificate.serial.equals(serial))
