import { Malformed } from './malformed.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/**
 * JSON as one reader means it: UTF-8, and no name twice in an object. Of such a pair some readers take the first and some the
 * last, so that a signature would not say the same to both.
 *
 * @throws Malformed
 */
export const strictJson = (bytes: Uint8Array, what: string): Json => {
  let text: string
  let value: Json
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw new Malformed(`${what} is not JSON`)
  }
  if (membersWritten(text) !== membersRead(value)) throw new Malformed(`${what} names a field twice`)
  return value
}

/** @throws Malformed */
export const strictJsonObject = (bytes: Uint8Array, what: string): JsonObject => asObject(strictJson(bytes, what), what)

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws Malformed */
export const asObject = (value: Json | undefined, what: string): JsonObject => {
  if (!isObject(value)) throw new Malformed(`${what} is not a JSON object`)
  return value
}

/** @throws Malformed */
export const asText = (value: Json | undefined, what: string): string => {
  if (typeof value !== 'string') throw new Malformed(`${what} is not a string`)
  return value
}

/** Base64 as Go's StdEncoding reads it (RFC 4648 4): with padding, line breaks skipped, nothing else let through. @throws Malformed */
export const asBase64 = (value: Json | undefined, what: string): Buffer => {
  const text = asText(value, what).replace(/[\r\n]/g, '')
  if (text === '' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new Malformed(`${what} is not base64`)
  return Buffer.from(text, 'base64')
}

/** In valid JSON each member of an object has one colon outside of strings. */
const membersWritten = (text: string): number => {
  let members = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === backslash) i++
      else if (c === quote) inString = false
    } else if (c === quote) inString = true
    else if (c === colon) members++
  }
  return members
}
const [backslash, quote, colon] = [0x5c, 0x22, 0x3a]

/** Without recursion: hostile JSON is nested deeper than the stack. */
const membersRead = (root: Json): number => {
  let members = 0
  const open: Json[] = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value)) members += Object.keys(value).length
    for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) open.push(inner)
  }
  return members
}
