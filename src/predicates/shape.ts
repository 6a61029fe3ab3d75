import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'

/** What stands in an attestation, parsed from JSON. */
export type Shape = { readonly [key: string]: unknown }

/** Of any list of findings, components or statements; the largest images have some ten thousand. */
const maxItems = 200_000
const maxTextLength = 4096

/** @param place as in `scanner.result` */
export const invalid = (place: string, problem: string): PreflightError =>
  new PreflightError('PREDICATE_INVALID', `${printable(place, 120)} ${problem}`, {
    hint: 'Ask who made the attestation to make it again, with a current version of the tool.',
  })

export const isShape = (value: unknown): value is Shape => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws PreflightError PREDICATE_INVALID, as all here */
export const asShape = (value: unknown, place: string): Shape => {
  if (!isShape(value)) throw invalid(place, 'is not an object')
  return value
}

/** Null and absent are the same, as for Go's encoding/json. */
export const optional = <T>(value: unknown, place: string, read: (value: unknown, place: string) => T): T | undefined =>
  value === undefined || value === null ? undefined : read(value, place)

export const asText = (value: unknown, place: string): string => {
  if (typeof value !== 'string') throw invalid(place, 'is not a text')
  if (value.length > maxTextLength) throw invalid(place, `has more than ${maxTextLength} characters`)
  return value
}

/** As a text that is not empty. */
export const asName = (value: unknown, place: string): string => {
  const text = asText(value, place)
  if (text === '') throw invalid(place, 'is empty')
  return text
}

export const asList = (value: unknown, place: string): readonly unknown[] => {
  if (!Array.isArray(value)) throw invalid(place, 'is not a list')
  if (value.length > maxItems) throw invalid(place, `has more than ${maxItems} entries`)
  return value
}

/** A list that may be absent. */
export const listOf = <T>(value: unknown, place: string, read: (item: unknown, place: string) => T): readonly T[] =>
  (optional(value, place, asList) ?? []).map((item, index) => read(item, `${place}[${index}]`))

/** A time of RFC 3339, as Go's encoding/json writes it. */
export const asTime = (value: unknown, place: string): Date => {
  const text = asText(value, place)
  const time = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text)
    ? new Date(text)
    : new Date(Number.NaN)
  if (Number.isNaN(time.getTime())) throw invalid(place, 'is not a time such as 2026-11-23T10:00:00Z')
  return time
}
