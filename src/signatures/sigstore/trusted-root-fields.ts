import { Malformed } from '../malformed.ts'
import { asBase64, asObject, asText, type Json, type JsonObject } from '../strict-json.ts'
import type { Period } from './certificate-chain.ts'
import { type Certificate, readCertificate } from './x509.ts'

/** An object of a trusted root with known names only; what is wrong is thrown with its place. */
export interface Fields {
  /** `tlogs[1].publicKey.`, to write a name behind. */
  readonly at: string
  text(name: string): string | undefined
  bytes(name: string): Buffer
  certificate(name: string): Certificate
  period(name: string): Period
  object(name: string, known: readonly string[]): Fields | undefined
  required(name: string, known: readonly string[]): Fields
  list(name: string, most: number, known: readonly string[]): readonly Fields[]
}

/** @throws Malformed */
export const fieldsAt = (json: JsonObject, at: string, known: readonly string[]): Fields => {
  const unknown = Object.keys(json).find(name => !known.includes(name))
  if (unknown !== undefined) throw new Malformed(`${at}${unknown} is no field that is known here`)
  // protojson writes null for what is not set.
  const value = (name: string): Json | undefined => json[name] ?? undefined
  const object = (name: string, inner: readonly string[]) =>
    value(name) === undefined ? undefined : fieldsAt(asObject(value(name), `${at}${name}`), `${at}${name}.`, inner)
  const required = (name: string, inner: readonly string[]) => {
    const found = object(name, inner)
    if (found === undefined) throw new Malformed(`${at}${name} is missing`)
    return found
  }
  return {
    at,
    text: name => (value(name) === undefined ? undefined : asText(value(name), `${at}${name}`)),
    bytes: name => asBase64(value(name), `${at}${name}`),
    certificate: name => readCertificate(asBase64(value(name), `${at}${name}`), `${at}${name}`),
    period: name => periodOf(required(name, ['start', 'end'])),
    object,
    required,
    list(name, most, inner) {
      const list = value(name) ?? []
      if (!Array.isArray(list)) throw new Malformed(`${at}${name} is not a list`)
      if (list.length > most) throw new Malformed(`${at}${name} has more than ${most} entries`)
      return list.map((item: Json, i) => fieldsAt(asObject(item, `${at}${name}[${i}]`), `${at}${name}[${i}].`, inner))
    },
  }
}

const periodOf = (fields: Fields): Period => {
  const start = timeOf(fields, 'start')
  if (start === undefined) throw new Malformed(`${fields.at}start is missing, so that it would be trusted for ever`)
  const end = timeOf(fields, 'end')
  if (end !== undefined && end < start) throw new Malformed(`${fields.at}end is before its start`)
  return { start, end }
}

/** RFC 3339, as protojson writes a Timestamp. */
const timeOf = (fields: Fields, name: string): Date | undefined => {
  const text = fields.text(name)
  if (text === undefined) return undefined
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : Number.NaN)
  if (Number.isNaN(time.getTime())) throw new Malformed(`${fields.at}${name} is no time as in 2026-01-31T12:00:00Z`)
  return time
}
