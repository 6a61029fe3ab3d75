import { type Json, JsonError, parseGoJson } from '../../oci/go-json.ts'
import { isObject } from '../../oci/go-struct.ts'
import { Malformed } from '../malformed.ts'

/** The members of a JSON object by their name. */
export type Members = ReadonlyMap<string, Json>

/** @throws Malformed */
export const jsonMembers = (bytes: Uint8Array, what: string, known: readonly string[]): Members => {
  try {
    return membersOf(parseGoJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)), what, known)
  } catch (error) {
    if (error instanceof Malformed) throw error
    throw new Malformed(`${what} is not JSON${error instanceof JsonError ? `: ${error.message}` : ' in UTF-8'}`)
  }
}

/**
 * Of two equal names Go takes the later, and a name in another case for a known one: what such a document says depends on who
 * reads it, so it says nothing.
 *
 * @throws Malformed
 */
export const membersOf = (json: Json | undefined, what: string, known: readonly string[]): Members => {
  if (json === undefined || !isObject(json)) throw new Malformed(`${what} is not a JSON object`)
  const members = new Map<string, Json>()
  for (const [name, value] of json.members) {
    if (members.has(name)) throw new Malformed(`${what} names ${JSON.stringify(name)} twice`)
    if (!known.includes(name) && known.some(one => fold(one) === fold(name)))
      throw new Malformed(`${what} has ${JSON.stringify(name)}, which some read as another name`)
    members.set(name, value)
  }
  return members
}

/** By simple case folding two letters beyond ASCII are one of it: the long s and the Kelvin sign. */
const fold = (name: string): string => name.toUpperCase().toLowerCase()

/** Undefined when it is absent or null, as for Go. @throws Malformed */
export const textIn = (members: Members, name: string, what: string): string | undefined => {
  const value = members.get(name) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw new Malformed(`${name} of ${what} is not text`)
  return value
}

/** @throws Malformed when it is absent too */
export const requiredText = (members: Members, name: string, what: string): string => {
  const value = textIn(members, name, what)
  if (value === undefined) throw new Malformed(`${what} has no ${name}`)
  return value
}
