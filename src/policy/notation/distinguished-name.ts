/** The attributes of a distinguished name by their type, each at most once. */
export type DistinguishedName = ReadonlyMap<string, string>

/** Notation asks for these of every identity (trust-store-trust-policy.md at v1.1.0, "Trusted Identities Constraints"). */
const mandatory = ['C', 'ST', 'O']
const maxLength = 4096

/**
 * A distinguished name as `x509.subject:` has it: RFC 4514 with notation's rules (notation-go internal/pkix): `S` is `ST`, no
 * attribute twice, none with several in one RDN, none in hexadecimal, country, state and organization are there. Types are told
 * apart by case, as there.
 *
 * @returns what is wrong, in words that fit after "it", when it is not one
 */
export const parseDistinguishedName = (text: string): DistinguishedName | string => {
  if (text.includes('=#')) return 'has "=#", which notation does not read'
  if (text.length > maxLength) return `is longer than ${maxLength} characters`
  const attributes = new Map<string, string>()
  for (const part of split(text)) {
    if (typeof part === 'string') return part
    const type = unescaped(part.type)
    const value = unescaped(part.value)
    if (type === undefined || value === undefined) return 'has a backslash before something that is not escaped by one'
    const name = type === 'S' ? 'ST' : type
    if (name === '') return 'has a value without a type'
    if (value === '') return `has no value for ${name}`
    if (attributes.has(name)) return `has ${name} twice`
    attributes.set(name, value)
  }
  return nameFault(attributes) ?? attributes
}

/** What a name lacks, of a policy or of a certificate. */
export const nameFault = (attributes: DistinguishedName): string | undefined => {
  const missing = mandatory.filter(name => !attributes.has(name))
  return missing.length === 0 ? undefined : `lacks ${missing.join(', ')}: notation wants C, ST (or S) and O`
}

/** True when every attribute of `identity` is in `subject` with the very same value. */
export const isWithin = (identity: DistinguishedName, subject: DistinguishedName): boolean =>
  [...identity].every(([type, value]) => subject.get(type) === value)

/** Splits at unescaped commas and semicolons; a part with several attributes, or none, is a fault. */
const split = function* (text: string): Generator<{ readonly type: string; readonly value: string } | string> {
  let start = 0
  let equals = -1
  for (let at = 0; at <= text.length; at++) {
    const character = text[at] ?? ','
    if (character === '\\') at += 1
    else if (character === '=' && equals < 0) equals = at
    else if (character === '+') yield 'has several attributes in one part (+)'
    else if (character === ',' || character === ';') {
      if (equals < 0) yield 'is not made of TYPE=VALUE parts'
      else yield { type: text.slice(start, equals), value: text.slice(equals + 1, at) }
      start = at + 1
      equals = -1
    }
  }
  if (start <= text.length) yield 'ends with a backslash'
}

const special = /^[ "#+,;<=>\\]/
const pair = /^[0-9A-Fa-f]{2}/

/** Without the spaces around it, but with a last one that is escaped. */
const trim = (text: string): string => {
  const bare = text.replace(/^ +| +$/g, '')
  const escaping = /\\*$/.exec(bare)![0].length % 2 === 1
  return escaping && text.endsWith(' ') ? `${bare} ` : bare
}

/** Without the spaces around it and the escapes (RFC 4514 3): `\,`, and `\C3\A9` for bytes of UTF-8. Undefined when one is wrong. */
const unescaped = (text: string): string | undefined => {
  const trimmed = trim(text)
  const bytes: Buffer[] = []
  for (let at = 0; at < trimmed.length; ) {
    const next = trimmed.indexOf('\\', at)
    bytes.push(Buffer.from(trimmed.slice(at, next < 0 ? undefined : next)))
    if (next < 0) break
    const after = trimmed.slice(next + 1, next + 3)
    if (special.test(after)) bytes.push(Buffer.from(after[0]!))
    else if (pair.test(after)) bytes.push(Buffer.from(after, 'hex'))
    else return undefined
    at = next + (special.test(after) ? 2 : 3)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes))
  } catch {
    return undefined
  }
}
