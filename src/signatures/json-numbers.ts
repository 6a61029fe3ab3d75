import { Malformed } from './malformed.ts'
import type { Json } from './strict-json.ts'

/**
 * An int64 of protojson, which writes it as a string, or of Go's JSON, which writes a number; as decimal digits, since the largest
 * do not fit a number. Absent is zero, as protojson leaves it out. Negative ones mean nothing where they stand here.
 *
 * @throws Malformed
 */
export const asCount = (value: Json | undefined, what: string): string => {
  if (value === undefined || value === null) return '0'
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? `${value}` : value
  if (typeof text !== 'string' || !/^(?:0|[1-9]\d{0,18})$/.test(text)) throw new Malformed(`${what} is not a whole number from 0`)
  return text
}
