import { X509Error } from './x509-error.ts'

/**
 * Strict DER (X.690 10): definite lengths in their shortest form, one element and nothing after it. What BER allows beyond
 * that is refused, so that there is one reading of the bytes. Nothing recurses and nothing is allocated by a length.
 */
export interface Der {
  readonly tag: number
  readonly content: Buffer
  /** With its tag and length. */
  readonly bytes: Buffer
}

/** Tags as they stand in the first byte (X.680 8.4); `context(0)` is `[0]` of something constructed. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nil: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const
export const context = (number: number): number => 0xa0 | number
export const contextPrimitive = (number: number): number => 0x80 | number

/** The one element that `bytes` are. @throws X509Error */
export const readDer = (bytes: Uint8Array, tag: number, what: string): Der => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const element = elementAt(buffer, 0, what)
  if (element.bytes.length !== buffer.length) throw new X509Error(`${what} has ${buffer.length - element.bytes.length} bytes after its end`)
  return expectTag(element, tag, what)
}

/** Reads the elements of a constructed one in turn. */
export interface DerCursor {
  next(tag: number, what: string): Der
  /** Whatever comes next. */
  any(what: string): Der
  optional(tag: number): Der | undefined
  readonly more: boolean
  /** @throws X509Error when something is left */
  end(what: string): void
}

export const cursorOf = ({ content }: Der): DerCursor => {
  let at = 0
  const any = (what: string): Der => {
    const element = elementAt(content, at, what)
    at += element.bytes.length
    return element
  }
  return {
    any,
    next: (tag, what) => expectTag(any(what), tag, what),
    optional: tag => (content[at] === tag ? any('an optional field') : undefined),
    get more() {
      return at < content.length
    },
    end: what => {
      if (at < content.length) throw new X509Error(`${what} has more fields than it may have`)
    },
  }
}

/** All elements of a constructed one. */
export const childrenOf = (der: Der, what: string): readonly Der[] => {
  const cursor = cursorOf(der)
  const children: Der[] = []
  while (cursor.more) children.push(cursor.any(what))
  return children
}

/** Refuses bytes of which some part, however deep and whether or not it is read, is not in DER. @throws X509Error */
export const checkNested = (der: Der, what: string): void => {
  const open = [der]
  for (let element = open.pop(); element !== undefined; element = open.pop())
    if ((element.tag & constructed) !== 0) open.push(...childrenOf(element, what))
}
const constructed = 0x20

const expectTag = (element: Der, tag: number, what: string): Der => {
  if (element.tag !== tag) throw new X509Error(`${what} has the tag 0x${hex(element.tag)}, not 0x${hex(tag)}`)
  return element
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

const elementAt = (buffer: Buffer, at: number, what: string): Der => {
  const tag = buffer[at]
  const first = buffer[at + 1]
  if (tag === undefined || first === undefined) throw new X509Error(`${what} is missing or cut off`)
  if ((tag & 0x1f) === 0x1f) throw new X509Error(`${what} has a tag of more than one byte`)
  if (first === 0x80) throw new X509Error(`${what} has an indefinite length, which DER does not know`)
  let start = at + 2
  let length = first
  if (first > 0x80) {
    const count = first & 0x7f
    if (count > 4) throw new X509Error(`${what} has a length of ${count} bytes`)
    if (start + count > buffer.length) throw new X509Error(`${what} is missing or cut off`)
    length = buffer.readUIntBE(start, count)
    start += count
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new X509Error(`${what} has a length that is not in its shortest form`)
  }
  const end = start + length
  if (end > buffer.length) throw new X509Error(`${what} is cut off: ${length} bytes are announced, ${buffer.length - start} are there`)
  return { tag, content: buffer.subarray(start, end), bytes: buffer.subarray(at, end) }
}
