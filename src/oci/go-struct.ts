import { type Json, JsonError, type JsonNumber, type JsonObject } from './go-json.ts'

/**
 * Fields of a Go struct in a JSON object: names match in any case, `null` leaves the zero value, another type is an error.
 * Where Go lets the later of two equal keys win, these refuse: no honest writer says a thing twice.
 */

export const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && 'members' in value
export const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)
const isNumber = (value: Json): value is JsonNumber => typeof value === 'object' && value !== null && 'number' in value

/** Go 1.26 encoding/json/fold.go: simple case folding; beside ASCII, two letters fold to ASCII ones. */
const fold = (name: string): string =>
  name
    .replace(/[a-z]+/g, letters => letters.toUpperCase())
    .replaceAll('\u017f', 'S')
    .replaceAll('\u212a', 'K')

/** Every value under `name`, in any case. */
export const valuesOf = ({ members }: JsonObject, name: string): readonly Json[] => {
  // Folding keeps the length.
  const isName = (key: string) => key === name || (key.length === name.length && fold(key) === fold(name))
  return members.filter(([key]) => isName(key)).map(([, value]) => value)
}

export const hasField = (object: JsonObject, name: string): boolean => valuesOf(object, name).length > 0

/** The value under `name`; undefined when it is absent or null. */
export const field = (object: JsonObject, name: string): Exclude<Json, null> | undefined => {
  const values = valuesOf(object, name)
  if (values.length > 1) throw new JsonError(`the key "${name}" is there twice`)
  return values[0] ?? undefined
}

/** Empty when absent. */
export const textField = (object: JsonObject, name: string): string => {
  const value = field(object, name) ?? ''
  if (typeof value !== 'string') throw wrongType(name, 'a text')
  return value
}

/** 0 when absent; at most what JavaScript counts exactly. */
export const integerField = (object: JsonObject, name: string): number => {
  const value = field(object, name)
  if (value === undefined) return 0
  const number = isNumber(value) && /^-?[0-9]+$/.test(value.number) ? Number(value.number) : Number.NaN
  if (!Number.isSafeInteger(number)) throw wrongType(name, 'an integer')
  return number
}

export const objectField = (object: JsonObject, name: string): JsonObject | undefined => {
  const value = field(object, name)
  if (value !== undefined && !isObject(value)) throw wrongType(name, 'an object')
  return value
}

/** Empty when absent. */
export const listField = <T>(object: JsonObject, name: string, read: (item: Json, name: string) => T): readonly T[] => {
  const value = field(object, name)
  if (value === undefined) return []
  if (!isArray(value)) throw wrongType(name, 'a list')
  return value.map((item, index) => read(item, `${name}[${index}]`))
}

export const asText = (value: Json, name: string): string => {
  if (value !== null && typeof value !== 'string') throw wrongType(name, 'a text')
  return value ?? ''
}

/** A `null` in a list of structs is the zero struct. */
export const asObject = (value: Json, name: string): JsonObject => {
  if (value === null) return { members: [] }
  if (!isObject(value)) throw wrongType(name, 'an object')
  return value
}

export const textListField = (object: JsonObject, name: string): readonly string[] => listField(object, name, asText)

export const textMapField = (object: JsonObject, name: string): Readonly<Record<string, string>> | undefined => {
  const value = objectField(object, name)
  return value && Object.fromEntries(value.members.map(([key, item]) => [key, asText(item, `${name}.${key}`)]))
}

const wrongType = (name: string, expected: string): JsonError => new JsonError(`"${name}" must be ${expected}`)
