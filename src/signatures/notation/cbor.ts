import { Malformed } from '../malformed.ts'

/**
 * A value of CBOR (RFC 8949) as COSE uses it: definite lengths, keys that are whole numbers or text and come once, text in
 * UTF-8. Integers beyond 2^53 are bigints; a float is marked, so that none passes for a whole number.
 */
export type Cbor = number | bigint | string | boolean | null | undefined | Buffer | CborArray | CborMap | CborTag | CborFloat
export interface CborArray extends ReadonlyArray<Cbor> {}
export type CborKey = number | bigint | string
export interface CborMap extends ReadonlyMap<CborKey, Cbor> {}
export interface CborTag {
  readonly tag: number | bigint
  readonly value: Cbor
}
export interface CborFloat {
  readonly float: number
}

/** As fxamacker/cbor, which notation uses, bounds it by default. */
const maxDepth = 32

const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, other: 7 } as const

interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** The one value that `bytes` are. @throws Malformed */
export const readCbor = (bytes: Uint8Array, what: string): Cbor => {
  const cursor: Cursor = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 }
  const value = readValue(cursor, what, 0)
  if (cursor.at < cursor.bytes.length) throw new Malformed(`${what} has ${cursor.bytes.length - cursor.at} bytes after its end`)
  return value
}

const readValue = (cursor: Cursor, what: string, depth: number): Cbor => {
  if (depth > maxDepth) throw new Malformed(`${what} is nested deeper than ${maxDepth} levels`)
  const first = take(cursor, 1, what)[0]!
  const kind = first >> 5
  if (kind === major.other) return readOther(cursor, first & 0x1f, what)
  const argument = readArgument(cursor, first & 0x1f, what)
  switch (kind) {
    case major.unsigned:
      return argument
    case major.negative:
      return typeof argument === 'number' && Number.isSafeInteger(-1 - argument) ? -1 - argument : -1n - BigInt(argument)
    case major.bytes:
      return take(cursor, argument, what)
    case major.text:
      return decode(take(cursor, argument, what), what)
    case major.array:
      return readArray(cursor, argument, what, depth)
    case major.map:
      return readMap(cursor, argument, what, depth)
    default:
      return { tag: argument, value: readValue(cursor, what, depth + 1) }
  }
}

const readArray = (cursor: Cursor, count: number | bigint, what: string, depth: number): CborArray => {
  refuseMoreThanThereIs(cursor, count, what)
  const items: Cbor[] = []
  for (let index = 0; index < count; index++) items.push(readValue(cursor, what, depth + 1))
  return items
}

const readMap = (cursor: Cursor, count: number | bigint, what: string, depth: number): CborMap => {
  refuseMoreThanThereIs(cursor, count, what)
  const map = new Map<CborKey, Cbor>()
  for (let index = 0; index < count; index++) {
    const key = readValue(cursor, what, depth + 1)
    if (typeof key !== 'number' && typeof key !== 'bigint' && typeof key !== 'string')
      throw new Malformed(`${what} has a key that is neither a whole number nor text`)
    if (map.has(key)) throw new Malformed(`${what} has the key ${JSON.stringify(String(key))} twice`)
    map.set(key, readValue(cursor, what, depth + 1))
  }
  return map
}

/** Every item is a byte at least: a count beyond what is left is refused before anything is made of it. */
const refuseMoreThanThereIs = ({ bytes, at }: Cursor, count: number | bigint, what: string): void => {
  if (count > bytes.length - at) throw new Malformed(`${what} is cut off`)
}

/** The number in the head, or the length or count that it announces. */
const readArgument = (cursor: Cursor, info: number, what: string): number | bigint => {
  if (info < 24) return info
  if (info === 31) throw new Malformed(`${what} has an indefinite length, which COSE signatures may not have here`)
  if (info > 27) throw new Malformed(`${what} is not CBOR`)
  const bytes = take(cursor, 1 << (info - 24), what)
  if (bytes.length < 8) return bytes.readUIntBE(0, bytes.length)
  const value = bytes.readBigUInt64BE()
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

const readOther = (cursor: Cursor, info: number, what: string): Cbor => {
  const simple = simpleValues.get(info)
  if (simple !== undefined) return simple.value
  if (info < 25 || info > 27) throw new Malformed(`${what} has a simple value that is not known`)
  const bytes = take(cursor, 1 << (info - 24), what)
  return { float: bytes.length === 2 ? halfOf(bytes) : bytes.length === 4 ? bytes.readFloatBE() : bytes.readDoubleBE() }
}

const simpleValues: ReadonlyMap<number, { readonly value: boolean | null | undefined }> = new Map([
  [20, { value: false }],
  [21, { value: true }],
  [22, { value: null }],
  [23, { value: undefined }],
])

/** RFC 8949 appendix D. */
const halfOf = (bytes: Buffer): number => {
  const half = bytes.readUInt16BE()
  const [exponent, fraction, sign] = [(half >> 10) & 0x1f, half & 0x3ff, half & 0x8000 ? -1 : 1]
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25))
}

const take = (cursor: Cursor, count: number | bigint, what: string): Buffer => {
  if (count > cursor.bytes.length - cursor.at) throw new Malformed(`${what} is cut off`)
  const start = cursor.at
  cursor.at += Number(count)
  return cursor.bytes.subarray(start, cursor.at)
}

const decode = (bytes: Buffer, what: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Malformed(`${what} has text that is not UTF-8`)
  }
}

export const isMap = (value: Cbor): value is CborMap => value instanceof Map
export const isTag = (value: Cbor): value is CborTag => typeof value === 'object' && value !== null && 'tag' in value
export const isFloat = (value: Cbor): value is CborFloat => typeof value === 'object' && value !== null && 'float' in value

/** A byte string with its length in the shortest form (RFC 9052 9). */
export const byteString = (bytes: Uint8Array): Buffer => Buffer.concat([headOf(major.bytes, bytes.length), bytes])

/** The head of a value: its kind and a number of at most 32 bits. */
const headOf = (kind: number, number: number): Buffer => {
  const top = kind << 5
  if (number < 24) return Buffer.from([top | number])
  if (number < 0x100) return Buffer.from([top | 24, number])
  const head = Buffer.alloc(number < 0x10000 ? 3 : 5)
  head[0] = top | (number < 0x10000 ? 25 : 26)
  head.writeUIntBE(number, 1, head.length - 1)
  return head
}
