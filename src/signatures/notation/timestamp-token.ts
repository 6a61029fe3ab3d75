import { createHash } from 'node:crypto'
import type { Certificate } from '../../x509/certificate.ts'
import { childrenOf, context, cursorOf, type Der, readDer, tags } from '../../x509/der.ts'
import { oidOf, timeOf } from '../../x509/der-values.ts'
import { type Hash, hashOf, readSignatureAlgorithm, type SignatureAlgorithm, verifies } from '../../x509/signature-algorithm.ts'
import { X509Error } from '../../x509/x509-error.ts'
import { Malformed } from '../malformed.ts'
import { checkChain, outsideValidity } from './certificate-chain.ts'
import {
  certificateOf,
  type IssuerAndSerial,
  parseSignedData,
  readIssuerAndSerial,
  type SignedData,
  type SignerInfo,
} from './signed-data.ts'
import { tsaPath } from './tsa-path.ts'
import { isOf, parseTstInfo, type Timestamp } from './tst-info.ts'

/** A timestamp that a trusted authority made. */
export interface VerifiedTimestamp extends Timestamp {
  /** The authority's chain, leaf first. */
  readonly chain: readonly Certificate[]
}

const oids = {
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  rsaEncryption: '1.2.840.113549.1.1.1',
  rsaPss: '1.2.840.113549.1.1.10',
}

/**
 * Verifies a TimeStampToken (RFC 3161 2.4.2, RFC 5816) of `message`. Of several signers one that verifies suffices.
 *
 * @throws Malformed, X509Error
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md#steps
 */
export const verifyTimestampToken = (token: Uint8Array, message: Uint8Array, roots: readonly Certificate[]): VerifiedTimestamp => {
  const data = parseSignedData(token)
  if (data.contentType !== oids.tstInfo) throw new Malformed(`the token holds ${data.contentType}, not a timestamp`)
  const info = parseTstInfo(data.content)
  const chain = verifiedChain(data, info, roots)
  if (!isOf(info, message)) throw new Malformed('the timestamp is of another message')
  return { time: info.time, accuracyMs: info.accuracyMs, chain }
}

const verifiedChain = (data: SignedData, { time }: Timestamp, roots: readonly Certificate[]): readonly Certificate[] => {
  let first: unknown
  for (const signer of data.signers) {
    try {
      return verifySigner(signer, data, time, roots)
    } catch (error) {
      if (!(error instanceof Malformed) && !(error instanceof X509Error)) throw error
      first ??= error
    }
  }
  throw first ?? new Malformed('the token has no signer')
}

const verifySigner = (signer: SignerInfo, data: SignedData, time: number, roots: readonly Certificate[]): readonly Certificate[] => {
  if (signer.version !== 1) throw new Malformed(`the signer of the token is of version ${signer.version}, not 1`)
  const { signedBytes, attributes, signature } = signer
  if (signedBytes === undefined) throw new Malformed('the token has no signed attributes')
  const certificate = signingCertificate(signer, data.certificates)
  const path = tsaPath(certificate, data.certificates, roots, time)
  const hash = hashOf(signer.digestAlgorithm)
  const algorithm = hash && algorithmOf(signer.signatureAlgorithm, hash)
  if (hash === undefined || algorithm === undefined) throw new Malformed('the token is signed with an algorithm that is not safe')
  const type = attributeValue(attributes, oids.contentType, tags.oid, 'content-type')
  if (oidOf(type, 'content-type') !== data.contentType) throw new Malformed('the signed content-type of the token is another')
  const digest = attributeValue(attributes, oids.messageDigest, tags.octetString, 'message-digest').content
  if (!createHash(hash).update(data.content).digest().equals(digest))
    throw new Malformed('the signed message-digest of the token is another')
  const signingTime = attributes.get(oids.signingTime)
  const outside = signingTime && outsideValidity(path, timeOf(signingTime, 'signing-time'))
  if (outside !== undefined) throw new Malformed(`${outside}, and the token says that it was signed at another time`)
  if (certificate.key === undefined || !verifies(algorithm, certificate.key, signedBytes, signature))
    throw new Malformed('the signature of the token does not verify with the key of its certificate')
  checkChain(path, 'timestamping')
  return path
}

/** An attribute that must be there. */
const attributeValue = (attributes: ReadonlyMap<string, Der>, oid: string, tag: number, name: string): Der => {
  const value = attributes.get(oid)
  if (value === undefined) throw new Malformed(`the token has no signed ${name}`)
  return readDer(value.bytes, tag, name)
}

/**
 * The certificate that ESSCertIDv2 (RFC 5035 4) names by its hash. Where it names issuer and number too, they find it, for they
 * are signed and the signer's identifier is not.
 */
const signingCertificate = (signer: SignerInfo, certificates: readonly Certificate[]): Certificate => {
  const what = 'signing-certificate-v2'
  const list = childrenOf(attributeValue(signer.attributes, oids.signingCertificateV2, tags.sequence, what), what)
  const [first] = list[0] === undefined ? [] : childrenOf(list[0], what)
  if (first === undefined) throw new Malformed(`the ${what} of the token names no certificate`)
  const fields = cursorOf(readDer(first.bytes, tags.sequence, what))
  const algorithm = fields.optional(tags.sequence)
  const hash: Hash | undefined = algorithm === undefined ? 'sha256' : hashOf(algorithm)
  const digest = fields.next(tags.octetString, what).content
  const named = fields.optional(tags.sequence)
  fields.end(what)
  const certificate = certificateOf(certificates, named === undefined ? signer.signer : readIssuerSerial(named, what))
  if (certificate === undefined) throw new Malformed('the certificate of the signer is not in the token')
  if (hash === undefined) throw new Malformed(`the ${what} of the token uses a hash that is not safe`)
  if (!createHash(hash).update(certificate.der).digest().equals(digest))
    throw new Malformed(`the ${what} of the token has the hash of another`)
  return certificate
}

/** IssuerSerial: GeneralNames with one directory name, and the number. */
const readIssuerSerial = (der: Der, what: string): IssuerAndSerial => {
  const fields = cursorOf(der)
  const names = cursorOf(fields.next(tags.sequence, what))
  const name = names.optional(context(4))
  if (name === undefined) throw new Malformed(`the ${what} of the token has no issuer name`)
  names.end(what)
  const serial = fields.next(tags.integer, what)
  fields.end(what)
  return readIssuerAndSerial({ tag: tags.sequence, content: Buffer.concat([name.content, serial.bytes]), bytes: der.bytes })
}

/** In CMS `rsaEncryption` takes the hash of the digest algorithm (RFC 3370 3.2), and PSS must have the same. */
const algorithmOf = (der: Der, hash: Hash): SignatureAlgorithm | undefined => {
  const oid = oidOf(cursorOf(der).next(tags.oid, 'the signature algorithm'), 'the signature algorithm')
  if (oid === oids.rsaEncryption) return { scheme: 'pkcs1', hash }
  const algorithm = readSignatureAlgorithm(der)
  if (algorithm?.scheme === 'ed25519' || (oid === oids.rsaPss && algorithm?.hash !== hash)) return undefined
  return algorithm
}
