import { JsonError } from '../oci/go-json.ts'

/** Where a value stands in the bytes: from its first to behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where Go's decoder stops too, so that nothing that the API server reads is too deep here. */
const maxDepth = 10_000

const code = (letter: string): number => letter.charCodeAt(0)
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')]
const [openBrace, closeBrace, openBracket, closeBracket] = [code('{'), code('}'), code('['), code(']')]
const [minus, plus, dot, zero, nine, smallE, bigE] = [code('-'), code('+'), code('.'), code('0'), code('9'), code('e'), code('E')]
const words = ['true', 'false', 'null'].map(word => [...word].map(code))
const escapes = new Set([...'"\\/bfnrtu'].map(code))

/**
 * The value at `at`, checked to be JSON (RFC 8259) to its end, in linear time, without recursion and without a copy of it: what is
 * handed on as it came keeps the spelling of its numbers, and no nesting overflows a stack.
 *
 * @throws JsonError that says what was found and where, never with the text itself
 */
export const valueAt = (bytes: Uint8Array, at: number): Span => {
  const start = skipSpace(bytes, at)
  const closers: number[] = []
  for (let i = start; ; i = skipSpace(bytes, i)) {
    if (bytes[i] === openBrace || bytes[i] === openBracket) {
      const close = bytes[i] === openBrace ? closeBrace : closeBracket
      const first = skipSpace(bytes, i + 1)
      if (closers.length === maxDepth) throw fault(bytes, i, `it is nested deeper than ${maxDepth} levels`)
      if (bytes[first] !== close) {
        closers.push(close)
        i = close === closeBrace ? nameAt(bytes, first).value : first
        continue
      }
      i = first + 1
    } else i = scalarEnd(bytes, i)
    const next = afterValue(bytes, i, closers)
    if (closers.length === 0) return { start, end: next }
    i = next
  }
}

/** Where the next value begins; where the outermost ends when nothing is open any more. */
const afterValue = (bytes: Uint8Array, at: number, closers: number[]): number => {
  let i = at
  for (let close = closers.at(-1); close !== undefined; close = closers.at(-1)) {
    i = skipSpace(bytes, i)
    if (bytes[i] === comma) return close === closeBrace ? nameAt(bytes, i + 1).value : i + 1
    if (bytes[i] !== close) throw fault(bytes, i, `"," or "${String.fromCharCode(close)}" belongs here`)
    closers.pop()
    i++
  }
  return i
}

/** The members of these names, and where the object ends. @throws JsonError also for one of them that is there twice */
export const pickMembers = <Name extends string>(
  bytes: Uint8Array,
  at: number,
  names: readonly Name[],
): { readonly members: Readonly<Partial<Record<Name, Span>>>; readonly end: number } => {
  const members: Partial<Record<Name, Span>> = {}
  const end = readItems(bytes, at, openBrace, closeBrace, i => {
    const { name, value } = nameAt(bytes, i)
    const wanted = names.find(one => isText(bytes, name, one))
    const span = valueAt(bytes, value)
    if (wanted !== undefined) {
      if (members[wanted] !== undefined) throw fault(bytes, name.start, `"${wanted}" is there twice`)
      members[wanted] = span
    }
    return span.end
  })
  return { members, end }
}

/** The items of an array. @throws JsonError also for more than `limit` */
export const itemsAt = (bytes: Uint8Array, at: number, limit: number): readonly Span[] => {
  const items: Span[] = []
  readItems(bytes, at, openBracket, closeBracket, i => {
    const item = valueAt(bytes, i)
    if (items.push(item) > limit) throw new JsonError(`there are more than ${limit} of them`, item.start)
    return item.end
  })
  return items
}

const readItems = (bytes: Uint8Array, at: number, open: number, close: number, read: (at: number) => number): number => {
  const start = skipSpace(bytes, at)
  if (bytes[start] !== open) throw fault(bytes, start, `"${String.fromCharCode(open)}" belongs here`)
  let i = skipSpace(bytes, start + 1)
  if (bytes[i] === close) return i + 1
  for (;;) {
    i = skipSpace(bytes, read(i))
    if (bytes[i] === close) return i + 1
    if (bytes[i] !== comma) throw fault(bytes, i, `"," or "${String.fromCharCode(close)}" belongs here`)
    i++
  }
}

/** The text of a string of at most `limitBytes` as it is written; undefined for what is none. */
export const shortText = (bytes: Uint8Array, span: Span | undefined, limitBytes = 256): string | undefined => {
  if (span === undefined || bytes[span.start] !== quote || span.end - span.start > limitBytes) return undefined
  return JSON.parse(Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8')) as string
}

/** Most names are not escaped, and then there is nothing to make of them. */
const isText = (bytes: Uint8Array, { start, end }: Span, text: string): boolean => {
  const lengthBytes = end - start - 2
  if (lengthBytes < text.length || lengthBytes > 6 * text.length) return false
  if (lengthBytes > text.length) return shortText(bytes, { start, end }) === text
  for (let i = 0; i < lengthBytes; i++) if (bytes[start + 1 + i] !== text.charCodeAt(i)) return false
  return true
}

/** @throws JsonError when more than space follows */
export const endsAt = (bytes: Uint8Array, at: number): void => {
  const rest = skipSpace(bytes, at)
  if (rest < bytes.length) throw fault(bytes, rest, 'something follows the end of the document')
}

/** A member's name, and where its value begins. */
const nameAt = (bytes: Uint8Array, at: number): { readonly name: Span; readonly value: number } => {
  const start = skipSpace(bytes, at)
  if (bytes[start] !== quote) throw fault(bytes, start, 'a key in quotes belongs here')
  const end = stringEnd(bytes, start)
  const after = skipSpace(bytes, end)
  if (bytes[after] !== colon) throw fault(bytes, after, '":" belongs after a key')
  return { name: { start, end }, value: skipSpace(bytes, after + 1) }
}

const scalarEnd = (bytes: Uint8Array, at: number): number => {
  if (bytes[at] === quote) return stringEnd(bytes, at)
  const word = words.find(letters => letters.every((letter, index) => bytes[at + index] === letter))
  return word === undefined ? numberEnd(bytes, at) : at + word.length
}

const stringEnd = (bytes: Uint8Array, at: number): number => {
  let i = at + 1
  for (let byte = bytes[i]; byte !== quote; byte = bytes[++i]) {
    if (byte === undefined) throw fault(bytes, i, 'a text in quotes does not end')
    if (byte < 0x20) throw fault(bytes, i, 'a control character may not be in a text')
    if (byte !== backslash) continue
    if (!escapes.has(bytes[++i] ?? 0)) throw fault(bytes, i, 'it is no escape')
    if (bytes[i] !== code('u')) continue
    for (let digit = 0; digit < 4; digit++) if (!isHex(bytes[++i] ?? 0)) throw fault(bytes, i, 'it is no escape')
  }
  return i + 1
}

const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= code('a') && (byte | 0x20) <= code('f'))
const isDigit = (byte: number): boolean => byte >= zero && byte <= nine

const numberEnd = (bytes: Uint8Array, at: number): number => {
  let i = bytes[at] === minus ? at + 1 : at
  i = bytes[i] === zero ? i + 1 : digitsEnd(bytes, i)
  if (bytes[i] === dot) i = digitsEnd(bytes, i + 1)
  if (bytes[i] === smallE || bytes[i] === bigE) i = digitsEnd(bytes, bytes[i + 1] === plus || bytes[i + 1] === minus ? i + 2 : i + 1)
  return i
}

const digitsEnd = (bytes: Uint8Array, at: number): number => {
  let i = at
  while (isDigit(bytes[i] ?? 0)) i++
  if (i === at) throw fault(bytes, i, 'a value belongs here')
  return i
}

const skipSpace = (bytes: Uint8Array, at: number): number => {
  let i = at
  for (let byte = bytes[i]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[++i]);
  return i
}

const fault = (bytes: Uint8Array, at: number, what: string): JsonError =>
  new JsonError(at >= bytes.length ? `it ends too early: ${what}` : `at byte ${at + 1}: ${what}`, at)
