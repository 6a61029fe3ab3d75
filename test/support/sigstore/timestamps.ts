import { constants, createHash, type KeyObject, sign } from 'node:crypto'
import { type Issued, signWith, spkiOf } from './certificates.ts'
import { der, explicit, generalizedTime, implicit, integer, nothing, octets, oid, sequence, set } from './der.ts'

export interface StampOptions {
  readonly signer: Issued
  readonly time: Date
  /** Written after the seconds: `.5`. */
  readonly fraction?: string
  /** Of the imprint, and of what is signed. */
  readonly imprintHash?: string
  readonly hash?: string
  /** Of the signature; default by key and hash. */
  readonly algorithm?: string
  readonly pss?: boolean
  readonly certificates?: readonly Buffer[]
  /** Name the signer by its subject key instead of its issuer and serial. */
  readonly bySubjectKey?: boolean
  readonly status?: number
  readonly signers?: number
  readonly extensions?: boolean
  /** Writes the signed attributes the other way round. */
  readonly unordered?: boolean
  readonly contentType?: string
  /** Hash of the certificate that the signer calls its own; `none` leaves the attribute out. */
  readonly ownCertificate?: Buffer | 'none'
  /** Makes other bytes of what is signed, once the signature is made. */
  readonly tamper?: (info: Buffer) => Buffer
}

const hashOids: Readonly<Record<string, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}
const algorithms: Readonly<Record<string, string>> = {
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha384': '1.2.840.10045.4.3.3',
  'ec sha512': '1.2.840.10045.4.3.4',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha384': '1.2.840.113549.1.1.12',
  'rsa sha512': '1.2.840.113549.1.1.13',
}
const tstInfo = '1.2.840.113549.1.9.16.1.4'
const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), set(value))
const hashed = (hash: string, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()

/** A TimeStampResp for `stamped` (RFC 3161 2.4.2), as a timestamp authority answers. */
export const stamp = (stamped: Uint8Array, options: StampOptions): Buffer => {
  const { signer, time, fraction = '', imprintHash = 'sha256', hash = 'sha256', certificates = [], tamper = info => info } = options
  const info = sequence(
    integer(1),
    oid('1.2.3.4'),
    sequence(sequence(oid(hashOids[imprintHash] ?? ''), nothing), octets(hashed(imprintHash, stamped))),
    integer(7),
    generalizedTime(time, fraction),
    ...(options.extensions === true ? [explicit(1, sequence(oid('1.2.3'), octets()))] : []),
  )
  const own = options.ownCertificate ?? hashed('sha256', signer.der)
  const attributes = [
    attribute('1.2.840.113549.1.9.3', oid(options.contentType ?? tstInfo)),
    attribute('1.2.840.113549.1.9.4', octets(hashed(hash, info))),
    ...(own === 'none' ? [] : [attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octets(own)))))]),
  ]
  // DER puts a set in order (X.690 11.6); it may be written otherwise.
  const ordered = attributes.toSorted(Buffer.compare)
  const signed = set(...ordered)
  const signerInfo = sequence(
    integer(options.bySubjectKey === true ? 3 : 1),
    options.bySubjectKey === true
      ? implicit(0, hashed('sha256', spkiOf(signer.key)).subarray(0, 20))
      : sequence(issuerOf(signer.der), der(0x02, signer.serial)),
    sequence(oid(hashOids[hash] ?? ''), nothing),
    explicit(0, ...(options.unordered === true ? ordered.toReversed() : ordered)),
    algorithmOf(signer.key, hash, options),
    octets(options.pss === true ? signPss(signer.key, signed, hash) : signWith(signer.key, signed, hash)),
  )
  const signedData = sequence(
    integer(3),
    set(sequence(oid(hashOids[hash] ?? ''), nothing)),
    sequence(oid(tstInfo), explicit(0, octets(tamper(info)))),
    ...(certificates.length === 0 ? [] : [explicit(0, ...certificates)]),
    set(...Array<Buffer>(options.signers ?? 1).fill(signerInfo)),
  )
  return sequence(sequence(integer(options.status ?? 0)), sequence(oid('1.2.840.113549.1.7.2'), explicit(0, signedData)))
}

const algorithmOf = (key: KeyObject, hash: string, { algorithm, pss }: StampOptions): Buffer => {
  if (algorithm !== undefined) return sequence(oid(algorithm))
  if (pss === true) return sequence(oid('1.2.840.113549.1.1.10'))
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid('1.3.101.112'))
  return sequence(oid(algorithms[`${key.asymmetricKeyType} ${hash}`] ?? ''))
}

const signPss = (key: KeyObject, bytes: Buffer, hash: string): Buffer =>
  sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })

/** The issuer's name in a certificate that `issue` made: behind version, serial and algorithm. */
const issuerOf = (certificate: Buffer): Buffer => {
  const partAt = (at: number) => {
    const first = certificate[at + 1] ?? 0
    const sizeBytes = first < 0x80 ? 0 : first & 0x7f
    const size = sizeBytes === 0 ? first : certificate.readUIntBE(at + 2, sizeBytes)
    return { start: at + 2 + sizeBytes, end: at + 2 + sizeBytes + size }
  }
  let at = partAt(partAt(0).start).start
  for (let skipped = 0; skipped < 3; skipped++) at = partAt(at).end
  return certificate.subarray(at, partAt(at).end)
}
