import { createHash, verify } from 'node:crypto'
import { Malformed } from '../malformed.ts'
import { includes, inWords } from './certificate-chain.ts'
import { childrenOf, context, encodeDer, expectTag, oidOf, readDer, sequenceOf, tags } from './der.ts'
import { isNamed, type TransparencyLog } from './trusted-root.ts'
import { type Certificate, extensionOids } from './x509.ts'

/** What a certificate transparency log signed: that it has seen the certificate (RFC 6962 3.2). */
interface SignedTimestamp {
  readonly logId: Buffer
  readonly time: Date
  /** Of the struct that is signed, from the version to the extensions, without the certificate. */
  readonly timestamp: Buffer
  readonly extensions: Buffer
  readonly hash: number
  readonly algorithm: number
  readonly signature: Buffer
}

export type Logged = { readonly ok: true; readonly log: TransparencyLog } | { readonly ok: false; readonly actual: string }

/** Enough for any certificate: Fulcio's have one. */
const maxTimestamps = 16

/**
 * Whether one of the logs signed for the certificate. Timestamps of unknown logs are passed over: a certificate may be in several logs.
 *
 * @throws Malformed
 */
export const loggedBy = (certificate: Certificate, issuer: Certificate, logs: readonly TransparencyLog[]): Logged => {
  const extension = certificate.extensions.get(extensionOids.sct)
  if (extension === undefined) return { ok: false, actual: 'a certificate without a signed certificate timestamp' }
  const timestamps = timestampsIn(extension.value)
  const signedOf = signedBytes(certificate, issuer)
  let actual = 'one of a log that is not in the trusted root'
  for (const timestamp of timestamps) {
    for (const log of logs.filter(other => isNamed(other, timestamp.logId))) {
      if (!includes(log.validFor, timestamp.time))
        actual = `one of ${timestamp.time.toISOString()}, when its log was not trusted (${inWords(log.validFor)})`
      else if (!signs(log, timestamp, signedOf(timestamp))) actual = `one that the key of ${log.name} does not verify`
      else return { ok: true, log }
    }
  }
  return { ok: false, actual }
}

/** TLS's numbers of RFC 5246 7.4.1.4.1: SHA-256 with RSA or ECDSA, which RFC 6962 2.1.4 allows. */
const signs = ({ key }: TransparencyLog, { hash, algorithm, signature }: SignedTimestamp, signed: Buffer): boolean => {
  const [sha256, rsa, ecdsa] = [4, 1, 3]
  if (hash !== sha256 || algorithm !== (key.algorithm === 'rsa' ? rsa : ecdsa)) return false
  try {
    return verify('sha256', signed, key.key, signature)
  } catch {
    return false
  }
}

const timestampsIn = (extension: Buffer): readonly SignedTimestamp[] => {
  const list = expectTag(readDer(extension, what), tags.octetString, what).content
  const { left, rest } = prefixed(list, 0)
  if (rest !== list.length) throw new Malformed(`${what} has bytes after its end`)
  const found: SignedTimestamp[] = []
  for (let at = 0; at < left.length; ) {
    if (found.length === maxTimestamps) throw new Malformed(`the certificate has more than ${maxTimestamps} signed certificate timestamps`)
    const one = prefixed(left, at)
    found.push(readOne(one.left))
    at = one.rest
  }
  return found
}
const what = 'the signed certificate timestamp'

const readOne = (bytes: Buffer): SignedTimestamp => {
  if (bytes.length < 47 || bytes[0] !== 0) throw new Malformed(`${what} is of an unknown version`)
  const extensions = prefixed(bytes, 41)
  const signature = prefixed(bytes, extensions.rest + 2)
  if (signature.rest !== bytes.length) throw new Malformed(`${what} has bytes after its end`)
  const time = new Date(Number(bytes.readBigUInt64BE(33)))
  if (Number.isNaN(time.getTime())) throw new Malformed(`${what} is of a time beyond all calendars`)
  return {
    logId: bytes.subarray(1, 33),
    time,
    timestamp: bytes.subarray(33, 41),
    extensions: bytes.subarray(41, extensions.rest),
    hash: bytes[extensions.rest] ?? 0,
    algorithm: bytes[extensions.rest + 1] ?? 0,
    signature: signature.left,
  }
}

/** TLS's opaque<0..2^16-1>. */
const prefixed = (bytes: Buffer, at: number): { readonly left: Buffer; readonly rest: number } => {
  const start = at + 2
  const length = start <= bytes.length ? bytes.readUInt16BE(at) : Number.POSITIVE_INFINITY
  if (start + length > bytes.length) throw new Malformed(`${what} is cut off`)
  return { left: bytes.subarray(start, start + length), rest: start + length }
}

/** The struct of RFC 6962 3.2 with a precertificate: the certificate as it was before it got the timestamps. */
const signedBytes = (certificate: Certificate, issuer: Certificate) => {
  const issuerKeyHash = createHash('sha256').update(issuer.spki).digest()
  const body = withoutTimestamps(certificate)
  const bodyLength = Buffer.from([body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff])
  return ({ timestamp, extensions }: SignedTimestamp): Buffer =>
    Buffer.concat([Buffer.from([0, 0]), timestamp, Buffer.from([0, 1]), issuerKeyHash, bodyLength, body, extensions])
}

const withoutTimestamps = ({ tbs }: Certificate): Buffer => {
  const parts = tbs.map(part => {
    if (part.tag !== context(3)) return part.raw
    const kept = sequenceOf(childrenOf(part, what)[0], what).filter(
      extension => oidOf(sequenceOf(extension, what)[0], what) !== extensionOids.sct,
    )
    return encodeDer(context(3), encodeDer(tags.sequence, ...kept.map(({ raw }) => raw)))
  })
  return encodeDer(tags.sequence, ...parts)
}
