import { childrenOf, cursorOf, type Der, tags } from './der.ts'
import { oidOf } from './der-values.ts'
import { X509Error } from './x509-error.ts'

/** One attribute of a distinguished name. */
export interface NameAttribute {
  readonly oid: string
  /** Undefined for a T61String, whose letters nobody agrees on. */
  readonly value: string | undefined
}

/** A distinguished name (RFC 5280 4.1.2.4). */
export interface Name {
  /** As encoded: what issuer and subject are compared by. */
  readonly bytes: Buffer
  /** In the order of the certificate; what stands together in one RDN is not told apart. */
  readonly attributes: readonly NameAttribute[]
}

/** Short names as Go's crypto/x509/pkix prints them (RFC 4514 3, and SERIALNUMBER, POSTALCODE). */
export const attributeNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.6', 'C'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.17', 'POSTALCODE'],
])

/** @throws X509Error */
export const readName = (der: Der, what: string): Name => ({
  bytes: der.bytes,
  attributes: childrenOf(der, what).flatMap(rdn => {
    if (rdn.tag !== tags.set) throw new X509Error(`${what} is not a distinguished name`)
    return childrenOf(rdn, what).map(attribute => readAttribute(attribute, what))
  }),
})

const readAttribute = (der: Der, what: string): NameAttribute => {
  if (der.tag !== tags.sequence) throw new X509Error(`${what} is not a distinguished name`)
  const fields = cursorOf(der)
  const oid = oidOf(fields.next(tags.oid, what), what)
  const value = textOf(fields.any(what), what)
  fields.end(what)
  return { oid, value }
}

const [utf8String, numericString, printableString, t61String, ia5String, bmpString] = [0x0c, 0x12, 0x13, 0x14, 0x16, 0x1e]

const textOf = ({ tag, content }: Der, what: string): string | undefined => {
  const text = content.toString('latin1')
  switch (tag) {
    case utf8String:
      return decoded('utf-8', content, what)
    case bmpString:
      return decoded('utf-16be', content, what)
    case printableString:
      // Go lets * and & through, which old certificates have.
      if (!/^[A-Za-z0-9 '()+,\-./:=?*&]*$/.test(text)) throw new X509Error(`${what} has a PrintableString with other characters`)
      return text
    case numericString:
      if (!/^[0-9 ]*$/.test(text)) throw new X509Error(`${what} has a NumericString with other characters`)
      return text
    case ia5String:
      if (content.some(byte => byte > 0x7f)) throw new X509Error(`${what} has an IA5String with other characters`)
      return text
    case t61String:
      return undefined
    default:
      throw new X509Error(`${what} has a value that is no text`)
  }
}

const decoded = (encoding: 'utf-8' | 'utf-16be', content: Buffer, what: string): string => {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    throw new X509Error(`${what} has text that is not ${encoding}`)
  }
}

/** For people, most specific first: `CN=…,O=…,C=…`. */
export const showName = ({ attributes }: Name): string =>
  attributes
    .toReversed()
    .map(({ oid, value }) => `${attributeNames.get(oid) ?? oid}=${value ?? '?'}`)
    .join(',')
