import { createHash } from 'node:crypto'
import { Malformed } from '../malformed.ts'
import { childrenOf, context, contextPrimitive, type Der, encodeDer, expectTag, oidOf, readDer, sequenceOf, tags, timeOf } from './der.ts'

/** A timestamp (RFC 3161 2.4.2) in its CMS envelope (RFC 5652 5), taken apart. Its signature is still to be verified. */
export interface TimestampToken {
  readonly time: Date
  /** Of what was stamped. */
  readonly imprint: { readonly hash: Hash; readonly digest: Buffer }
  readonly signer: SignerId
  /** DER of certificates that came along. */
  readonly certificates: readonly Buffer[]
  /** What the signature is over: the attributes as a set. */
  readonly signed: Buffer
  readonly signature: Buffer
  readonly algorithm: SignatureAlgorithm
  /** Hash of the certificate that the signer says is its own (RFC 5816); undefined when it says nothing. */
  readonly certificateHash: { readonly hash: Hash; readonly digest: Buffer } | undefined
}

export type SignerId =
  | { readonly kind: 'serial'; readonly issuer: Buffer; readonly serial: Buffer }
  | { readonly kind: 'subjectKey'; readonly id: Buffer }

export type Hash = 'sha256' | 'sha384' | 'sha512'
export interface SignatureAlgorithm {
  readonly kind: 'ecdsa' | 'rsa' | 'rsaPss' | 'ed25519'
  readonly hash: Hash
}

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  timestamp: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const
const hashes: ReadonlyMap<string, Hash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])
/** Without a hash of their own they use that of the digest algorithm (RFC 5754 3). */
const signatureAlgorithms: ReadonlyMap<string, { readonly kind: SignatureAlgorithm['kind']; readonly hash?: Hash }> = new Map([
  ['1.2.840.10045.2.1', { kind: 'ecdsa' }],
  ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.113549.1.1.1', { kind: 'rsa' }],
  ['1.2.840.113549.1.1.10', { kind: 'rsaPss' }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa', hash: 'sha512' }],
  ['1.3.101.112', { kind: 'ed25519' }],
])

const what = 'the timestamp'
const limits = { bytes: 64 << 10, certificates: 16 }

/** @param bytes DER of a TimeStampResp. @throws Malformed */
export const parseTimestamp = (bytes: Uint8Array): TimestampToken => {
  if (bytes.length > limits.bytes) throw new Malformed(`${what} is larger than ${limits.bytes >> 10} KiB`)
  const [status, token, ...more] = sequenceOf(readDer(bytes, what), what)
  const code = expectTag(sequenceOf(status, what)[0], tags.integer, what).content.toString('hex')
  // 2.4.2: granted, or granted with modifications.
  if ((code !== '00' && code !== '01') || more.length > 0) throw new Malformed(`${what} was not granted (status ${code})`)
  const [type, wrapped] = sequenceOf(token, what)
  if (oidOf(type, what) !== oids.signedData) throw new Malformed(`${what} is not signed data`)
  return readSignedData(childrenOf(expectTag(wrapped, context(0), what), what)[0])
}

const readSignedData = (value: Der | undefined): TimestampToken => {
  const parts = sequenceOf(value, what)
  const [type, wrapped] = sequenceOf(parts[2], what)
  if (oidOf(type, what) !== oids.timestamp) throw new Malformed(`${what} is of another type`)
  const content = expectTag(childrenOf(expectTag(wrapped, context(0), what), what)[0], tags.octetString, what).content
  const certificates = parts.slice(3).find(({ tag }) => tag === context(0))
  const signers = childrenOf(expectTag(parts.at(-1), tags.set, what), what)
  if (signers.length !== 1) throw new Malformed(`${what} has ${signers.length} signers instead of one`)
  const embedded = certificates === undefined ? [] : childrenOf(certificates, what)
  if (embedded.length > limits.certificates) throw new Malformed(`${what} brings more than ${limits.certificates} certificates`)
  return {
    ...readInfo(content),
    ...readSigner(signers[0], content),
    certificates: embedded.map(({ raw }) => raw),
  }
}

/** TSTInfo. */
const readInfo = (content: Buffer): Pick<TimestampToken, 'time' | 'imprint'> => {
  const [version, , imprint, serial, time, ...rest] = sequenceOf(readDer(content, what), what)
  expectTag(serial, tags.integer, what)
  if (expectTag(version, tags.integer, what).content.toString('hex') !== '01') throw new Malformed(`${what} is of an unknown version`)
  // Extensions could restrict what it means; none is in use.
  if (rest.some(({ tag }) => tag === context(1))) throw new Malformed(`${what} has extensions`)
  const [algorithm, digest] = sequenceOf(imprint, what)
  return {
    time: timeOf(expectTag(time, tags.generalizedTime, what), "the timestamp's time"),
    imprint: { hash: hashOf(algorithm), digest: expectTag(digest, tags.octetString, what).content },
  }
}

const readSigner = (value: Der | undefined, content: Buffer): Omit<TimestampToken, 'time' | 'imprint' | 'certificates'> => {
  const [, signer, digestAlgorithm, attributes, algorithm, signature] = sequenceOf(value, what)
  const hash = hashOf(digestAlgorithm)
  const written = expectTag(attributes, context(0), what)
  const signedAttributes = readAttributes(written)
  const digest = expectTag(signedAttributes.get(oids.messageDigest), tags.octetString, what).content
  // RFC 5652 5.4: the attributes are signed instead of the content, and tie it to them.
  if (!createHash(hash).update(content).digest().equals(digest)) throw new Malformed(`${what} is not what its signer signed`)
  if (oidOf(signedAttributes.get(oids.contentType), what) !== oids.timestamp) throw new Malformed(`${what} was signed as something else`)
  return {
    signer: signerIdOf(signer),
    // 5.4: as a set in DER, which is in order (X.690 11.6) however it was written.
    signed: encodeDer(
      tags.set,
      ...childrenOf(written, what)
        .map(({ raw }) => raw)
        .toSorted(Buffer.compare),
    ),
    signature: expectTag(signature, tags.octetString, what).content,
    algorithm: algorithmOf(algorithm, hash),
    certificateHash: certificateHashOf(signedAttributes),
  }
}

const readAttributes = (attributes: Der): ReadonlyMap<string, Der> => {
  const read = new Map<string, Der>()
  for (const attribute of childrenOf(attributes, what)) {
    const [type, values] = sequenceOf(attribute, what)
    const oid = oidOf(type, what)
    const [value, ...more] = childrenOf(expectTag(values, tags.set, what), what)
    if (value === undefined || more.length > 0 || read.has(oid)) throw new Malformed(`${what} has an attribute not exactly once`)
    read.set(oid, value)
  }
  return read
}

const signerIdOf = (value: Der | undefined): SignerId => {
  if (value?.tag === contextPrimitive(0)) return { kind: 'subjectKey', id: value.content }
  const [issuer, serial] = sequenceOf(value, what)
  return { kind: 'serial', issuer: expectTag(issuer, tags.sequence, what).raw, serial: expectTag(serial, tags.integer, what).content }
}

const hashOf = (algorithm: Der | undefined): Hash => {
  const oid = oidOf(sequenceOf(algorithm, what)[0], what)
  const hash = hashes.get(oid)
  if (hash === undefined) throw new Malformed(`${what} uses the hash ${oid}, which is not safe or not known`)
  return hash
}

const algorithmOf = (value: Der | undefined, digestHash: Hash): SignatureAlgorithm => {
  const oid = oidOf(sequenceOf(value, what)[0], what)
  const known = signatureAlgorithms.get(oid)
  if (known === undefined) throw new Malformed(`${what} is signed with ${oid}, which is not known`)
  return { kind: known.kind, hash: known.hash ?? digestHash }
}

/** RFC 5035 3: of the first certificate listed, which is the signer's. The first version knows SHA-1 alone and proves nothing here. */
const certificateHashOf = (attributes: ReadonlyMap<string, Der>): TimestampToken['certificateHash'] => {
  const attribute = attributes.get(oids.signingCertificateV2)
  if (attribute === undefined) return undefined
  const [first] = sequenceOf(sequenceOf(attribute, what)[0], what)
  const parts = sequenceOf(first, what)
  const [algorithm, digest] = parts[0]?.tag === tags.sequence ? [hashOf(parts[0]), parts[1]] : (['sha256', parts[0]] as const)
  return { hash: algorithm, digest: expectTag(digest, tags.octetString, what).content }
}
