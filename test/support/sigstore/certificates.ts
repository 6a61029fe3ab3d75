import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { bits, certificateTime, der, explicit, implicit, integer, octets, oid, sequence, set, utf8, yes } from './der.ts'

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'RSA' | 'Ed25519'

export const newKey = (kind: KeyKind = 'P-256'): KeyObject => {
  if (kind === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  if (kind === 'Ed25519') return generateKeyPairSync('ed25519').privateKey
  return generateKeyPairSync('ec', { namedCurve: kind }).privateKey
}
export const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' })
export const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest()

export interface Issued {
  readonly der: Buffer
  readonly key: KeyObject
  readonly name: Buffer
  readonly serial: Buffer
}

export interface IssueOptions {
  readonly name: string
  readonly key?: KeyObject
  /** Signs itself without one. */
  readonly issuer?: Issued | undefined
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly extensions?: readonly Buffer[]
  /** Gets the bytes to be signed, and gives a further extension: how certificate logs do it. */
  readonly precertificate?: (tbs: Buffer) => Buffer | undefined
  readonly hash?: string
}

export const times = {
  authorities: [new Date('2020-01-01T00:00:00Z'), new Date('2040-01-01T00:00:00Z')],
  /** Of certificates that sign: ten minutes from the first of January 2026. */
  signing: [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:10:00Z')],
  signed: new Date('2026-01-01T00:05:00Z'),
} as const

/** An X.509 certificate (RFC 5280 4.1). */
export const issue = (options: IssueOptions): Issued => {
  const { key = newKey(), issuer, extensions = [], hash = 'sha256' } = options
  const { notBefore = times.authorities[0], notAfter = times.authorities[1] } = options
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8(options.name))))
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)])
  const signer = issuer?.key ?? key
  const algorithm = signatureAlgorithm(signer, hash)
  const body = (all: readonly Buffer[]) =>
    sequence(
      explicit(0, integer(2)),
      der(0x02, serial),
      algorithm,
      issuer?.name ?? name,
      sequence(certificateTime(notBefore), certificateTime(notAfter)),
      name,
      spkiOf(key),
      ...(all.length === 0 ? [] : [explicit(3, sequence(...all))]),
    )
  const more = options.precertificate?.(body(extensions))
  const tbs = body(more === undefined ? extensions : [...extensions, more])
  return { der: sequence(tbs, algorithm, bits(signWith(signer, tbs, hash))), key, name, serial }
}

export const signWith = (key: KeyObject, bytes: Uint8Array, hash = 'sha256'): Buffer =>
  sign(key.asymmetricKeyType === 'ed25519' ? null : hash, bytes, key)

const algorithmOids: Readonly<Record<string, string>> = {
  'ec sha1': '1.2.840.10045.4.1',
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha384': '1.2.840.10045.4.3.3',
  'ec sha512': '1.2.840.10045.4.3.4',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha384': '1.2.840.113549.1.1.12',
  'rsa sha512': '1.2.840.113549.1.1.13',
}
export const signatureAlgorithm = (key: KeyObject, hash: string): Buffer => {
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid('1.3.101.112'))
  const id = oid(algorithmOids[`${key.asymmetricKeyType} ${hash}`] ?? '')
  return key.asymmetricKeyType === 'rsa' ? sequence(id, Buffer.from([5, 0])) : sequence(id)
}

export const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value))

export const authority = (pathLength?: number): readonly Buffer[] => [
  extension('2.5.29.19', sequence(yes, ...(pathLength === undefined ? [] : [integer(pathLength)])), true),
  extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
]
export const purpose = (ids: readonly string[], critical = false): Buffer => extension('2.5.29.37', sequence(...ids.map(oid)), critical)
export const codeSigning = '1.3.6.1.5.5.7.3.3'
export const timeStamping = '1.3.6.1.5.5.7.3.8'
export const subjectKeyId = (key: KeyObject): Buffer => extension('2.5.29.14', octets(sha256(spkiOf(key)).subarray(0, 20)))

/** GeneralNames of a subject alternative name. */
export const generalName = {
  email: (text: string) => implicit(1, text),
  dns: (text: string) => implicit(2, text),
  uri: (text: string) => implicit(6, text),
  ip: (bytes: Uint8Array) => implicit(7, bytes),
  user: (text: string) => explicit(0, oid('1.3.6.1.4.1.57264.1.7'), explicit(0, utf8(text))),
} as const
export const names = (...all: readonly Buffer[]): Buffer => extension('2.5.29.17', sequence(...all), true)

export const oidcIssuer = (url: string): Buffer => extension('1.3.6.1.4.1.57264.1.8', utf8(url))
export const oldOidcIssuer = (url: string): Buffer => extension('1.3.6.1.4.1.57264.1.1', Buffer.from(url))
