import { type Der, tags } from './der.ts'
import { X509Error } from './x509-error.ts'

/** Arcs have at most 31 bits, as in Go's encoding/asn1. */
const maxArc = 2 ** 31 - 1

/** Dotted, as in `2.5.29.15`. @throws X509Error */
export const oidOf = ({ content }: Der, what: string): string => {
  const arcs: number[] = []
  let arc = 0
  let inside = false
  for (const byte of content) {
    if (!inside && byte === 0x80) throw new X509Error(`${what} is not an object identifier in DER`)
    arc = arc * 128 + (byte & 0x7f)
    if (arc > maxArc) throw new X509Error(`${what} has an arc of more than 31 bits`)
    inside = byte >= 0x80
    if (inside) continue
    if (arcs.length === 0) arcs.push(Math.min(Math.floor(arc / 40), 2), arc - 40 * Math.min(Math.floor(arc / 40), 2))
    else arcs.push(arc)
    arc = 0
  }
  if (inside || arcs.length === 0) throw new X509Error(`${what} is not an object identifier in DER`)
  return arcs.join('.')
}

/** The bytes of a whole number in two's complement, in its shortest form. @throws X509Error */
export const integerOf = ({ content }: Der, what: string): Buffer => {
  const [first, second] = content
  if (first === undefined) throw new X509Error(`${what} is an empty number`)
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new X509Error(`${what} is a number that is not in its shortest form`)
  return content
}

/** A number that is not negative and below 2^47. @throws X509Error */
export const smallIntegerOf = (der: Der, what: string): number => {
  const bytes = integerOf(der, what)
  if (bytes[0]! >= 0x80 || bytes.length > 6) throw new X509Error(`${what} is negative or too large`)
  return bytes.readUIntBE(0, bytes.length)
}

/** A number that is not negative, whatever its size. @throws X509Error */
export const bigIntegerOf = (der: Der, what: string): bigint => {
  const bytes = integerOf(der, what)
  if (bytes[0]! >= 0x80 || bytes.length > 32) throw new X509Error(`${what} is negative or too large`)
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** @throws X509Error */
export const booleanOf = ({ content }: Der, what: string): boolean => {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new X509Error(`${what} is not a boolean in DER`)
  return content[0] === 0xff
}

/** The bytes of a BIT STRING of whole bytes, as keys and signatures are. @throws X509Error */
export const wholeBitsOf = (der: Der, what: string): Buffer => {
  if (der.content[0] !== 0) throw new X509Error(`${what} is not made of whole bytes`)
  return der.content.subarray(1)
}

/** A BIT STRING with names (X.680 22.6): bit 0 is the first. Only the first 16 are kept. @throws X509Error */
export const namedBitsOf = ({ content }: Der, what: string): ReadonlySet<number> => {
  const [unused, ...bytes] = content.subarray(0, 3)
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0)) throw new X509Error(`${what} is not a bit string`)
  const last = content.at(-1)!
  if (content.length > 1 && (last & ((1 << unused) - 1)) !== 0) throw new X509Error(`${what} has bits set after its end`)
  const bits = new Set<number>()
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) bits.add(index * 8 + bit)
  })
  return bits
}

/**
 * Milliseconds since 1970 of a UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them: in UTC, with seconds, without fractions.
 *
 * @throws X509Error
 */
export const timeOf = ({ tag, content }: Der, what: string): number => {
  const text = content.toString('latin1')
  if (tag === tags.utcTime && /^\d{12}Z$/.test(text)) {
    const year = Number(text.slice(0, 2))
    return fieldsToMs(`${year < 50 ? '20' : '19'}${text}`, what)
  }
  if (tag === tags.generalizedTime && /^\d{14}Z$/.test(text)) return fieldsToMs(text, what)
  throw new X509Error(`${what} is not a time in DER`)
}

/** A GeneralizedTime with up to nine digits of a second (RFC 3161 2.4.2), in milliseconds with what lies below them. @throws X509Error */
export const fineTimeOf = ({ content }: Der, what: string): number => {
  const [, fields, fraction = ''] = /^(\d{14})(\.\d{0,8}[1-9])?Z$/.exec(content.toString('latin1')) ?? []
  if (fields === undefined) throw new X509Error(`${what} is not a time in DER`)
  return fieldsToMs(`${fields}Z`, what) + Number(`0${fraction}`) * 1000
}

/** `YYYYMMDDHHMMSSZ`; the calendar is checked by writing the date again. */
const fieldsToMs = (text: string, what: string): number => {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z')
  const ms = Date.parse(iso)
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new X509Error(`${what} is a time that no calendar has`)
  return ms
}
