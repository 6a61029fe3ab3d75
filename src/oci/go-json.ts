/**
 * JSON as Go's encoding/json reads it, which is what kubelet and containerd see: a key may come twice, and lone surrogates
 * become U+FFFD. `JSON.parse` would keep one of two equal keys and tell nobody.
 */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject

/** A number as written: Go takes neither `1.0` nor `1e3` for an integer. */
export interface JsonNumber {
  readonly number: string
}

/** In the order of the text, with keys that come twice. */
export interface JsonObject {
  readonly members: readonly Member[]
}
export type Member = readonly [name: string, value: Json]

export class JsonError extends Error {
  override readonly name = 'JsonError'
  /** Where in the text, in UTF-16 units; undefined for what is wrong with a value. */
  readonly offset: number | undefined
  constructor(message: string, offset?: number) {
    super(message)
    this.offset = offset
  }
}

/** Go stops at 10,000; a tenth of that still fits any stack, and no document of a registry or a Secret is that deep. */
const maxDepth = 1000

interface Cursor {
  readonly text: string
  at: number
}

/**
 * Reads in linear time.
 *
 * @param source bytes are UTF-8; a byte order mark is an error, as in Go
 * @throws JsonError that says what was found and at which character, never with the text itself (it may hold a password)
 */
export const parseGoJson = (source: string | Uint8Array): Json => {
  const text = typeof source === 'string' ? source : new TextDecoder('utf-8', { ignoreBOM: true }).decode(source)
  const cursor: Cursor = { text, at: 0 }
  const value = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at < text.length) throw fault(cursor, 'something follows the end of the document')
  return value
}

const readValue = (cursor: Cursor, depth: number): Json => {
  if (depth > maxDepth) throw fault(cursor, `it is nested deeper than ${maxDepth} levels`)
  skipSpace(cursor)
  const first = cursor.text[cursor.at]
  if (first === '{') return readObject(cursor, depth)
  if (first === '[') return readArray(cursor, depth)
  if (first === '"') return readString(cursor)
  for (const [word, value] of words) {
    if (!cursor.text.startsWith(word, cursor.at)) continue
    cursor.at += word.length
    return value
  }
  return readNumber(cursor)
}

const words = [
  ['null', null],
  ['true', true],
  ['false', false],
] as const

const readObject = (cursor: Cursor, depth: number): JsonObject => {
  const members: Member[] = []
  readItems(cursor, '}', () => {
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== '"') throw fault(cursor, 'a key in quotes belongs here')
    const name = readString(cursor)
    skipSpace(cursor)
    if (cursor.text[cursor.at] !== ':') throw fault(cursor, '":" belongs after a key')
    cursor.at++
    members.push([name, readValue(cursor, depth + 1)])
  })
  return { members }
}

const readArray = (cursor: Cursor, depth: number): readonly Json[] => {
  const items: Json[] = []
  readItems(cursor, ']', () => items.push(readValue(cursor, depth + 1)))
  return items
}

/** What stands between two brackets, with commas between. */
const readItems = (cursor: Cursor, end: string, readItem: () => void): void => {
  cursor.at++
  skipSpace(cursor)
  if (cursor.text[cursor.at] === end) {
    cursor.at++
    return
  }
  for (;;) {
    readItem()
    skipSpace(cursor)
    const after = cursor.text[cursor.at]
    if (after !== ',' && after !== end) throw fault(cursor, `"," or "${end}" belongs here`)
    cursor.at++
    if (after === end) return
  }
}

const readString = (cursor: Cursor): string => {
  const start = cursor.at
  let end = start + 1
  for (; cursor.text[end] !== '"'; end++) {
    if (end >= cursor.text.length) throw fault({ text: cursor.text, at: end }, 'a text in quotes does not end')
    if (cursor.text[end] === '\\') end++
  }
  cursor.at = end + 1
  try {
    return (JSON.parse(cursor.text.slice(start, end + 1)) as string).toWellFormed()
  } catch {
    throw fault({ text: cursor.text, at: start }, 'the text in quotes that starts here has a control character or an unknown escape')
  }
}

const readNumber = (cursor: Cursor): JsonNumber => {
  const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  pattern.lastIndex = cursor.at
  const [number] = pattern.exec(cursor.text) ?? []
  if (number === undefined) throw fault(cursor, 'a value belongs here')
  cursor.at = pattern.lastIndex
  return { number }
}

const skipSpace = (cursor: Cursor): void => {
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? '·')) cursor.at++
}

const fault = ({ text, at }: Cursor, what: string): JsonError =>
  new JsonError(at >= text.length ? `it ends too early: ${what}` : `at character ${at + 1}: ${what}`, at)
