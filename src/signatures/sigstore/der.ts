import { Malformed } from '../malformed.ts'

/** One value in DER (X.690 10): definite, shortest lengths and one-byte tags alone, so that bytes mean one thing only. */
export interface Der {
  /** As written: class, constructed bit and number. */
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly raw: Buffer
}

/** Universal tags (X.680 8.6), with the constructed bit where they have it. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const
/** `[n]`, constructed. */
export const context = (n: number): number => 0xa0 | n
/** `[n]`, primitive. */
export const contextPrimitive = (n: number): number => 0x80 | n

/** Certificates and timestamps hold some dozens at any level. */
const maxChildren = 1024

/** The one value that `bytes` are. @throws Malformed */
export const readDer = (bytes: Uint8Array, what: string): Der => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = valueAt(buffer, 0, what)
  if (value.raw.length !== buffer.length) throw new Malformed(`${what} has bytes after its end`)
  return value
}

/** What stands in a constructed value, or in an octet string that holds others. @throws Malformed */
export const childrenOf = ({ content }: Der, what: string): readonly Der[] => {
  const children: Der[] = []
  for (let at = 0; at < content.length; ) {
    if (children.length === maxChildren) throw new Malformed(`${what} has more than ${maxChildren} parts`)
    const child = valueAt(content, at, what)
    children.push(child)
    at += child.raw.length
  }
  return children
}

/** The children of a sequence. @throws Malformed */
export const sequenceOf = (value: Der | undefined, what: string): readonly Der[] => childrenOf(expectTag(value, tags.sequence, what), what)

/** @throws Malformed */
export const expectTag = (value: Der | undefined, tag: number, what: string): Der => {
  if (value === undefined || value.tag !== tag) throw new Malformed(`${what} is missing or of another type`)
  return value
}

/** Dotted decimal. @throws Malformed */
export const oidOf = (value: Der | undefined, what: string): string => {
  const { content } = expectTag(value, tags.oid, what)
  const last = content.at(-1)
  if (last === undefined || last >= 0x80 || content.length > 64) throw new Malformed(`${what} is no object identifier`)
  const arcs: bigint[] = []
  let arc = 0n
  for (const byte of content) {
    if (arc === 0n && byte === 0x80) throw new Malformed(`${what} is no object identifier`)
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first = 0n, ...rest] = arcs
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}

/** UTCTime or GeneralizedTime with any fraction (RFC 5280 4.1.2.5; RFC 3161 2.4.2), to the millisecond. @throws Malformed */
export const timeOf = (value: Der | undefined, what: string): Date => {
  const text = value?.content.toString('latin1') ?? ''
  const utc = value?.tag === tags.utcTime ? /^(\d{2})(\d{10})Z$/.exec(text) : null
  const generalized = value?.tag === tags.generalizedTime ? /^(\d{4})(\d{10})(?:\.(\d{0,8}[1-9]))?Z$/.exec(text) : null
  const [, written = '', rest = '', fraction = ''] = utc ?? generalized ?? []
  const year = utc === null ? written : `${Number(written) < 50 ? '20' : '19'}${written}`
  const iso = rest.replace(/^(..)(..)(..)(..)(..)$/, `${year}-$1-$2T$3:$4:$5.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  const time = new Date(iso)
  // A day that does not exist would be taken for the one after.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) throw new Malformed(`${what} is no time`)
  return time
}

/** A value of this tag around `parts`. */
export const encodeDer = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const digits = content.length.toString(16)
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from(content.length < 0x80 ? [tag] : [tag, 0x80 | length.length]), length, content])
}

const valueAt = (buffer: Buffer, at: number, what: string): Der => {
  const bad = () => new Malformed(`${what} is not DER`)
  const [tag, first] = [buffer[at], buffer[at + 1]]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || tag === 0) throw bad()
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4 || at + 2 + lengthBytes > buffer.length) throw bad()
  const length = lengthBytes === 0 ? first : buffer.readUIntBE(at + 2, lengthBytes)
  if (lengthBytes > 0 && (length < 0x80 || buffer[at + 2] === 0)) throw bad()
  const start = at + 2 + lengthBytes
  if (start + length > buffer.length) throw bad()
  return { tag, content: buffer.subarray(start, start + length), raw: buffer.subarray(at, start + length) }
}
