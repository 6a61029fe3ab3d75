import { type DistinguishedName, isWithin, parseDistinguishedName } from './distinguished-name.ts'

/** Whom a statement trusts: everybody in its trust stores, the holder of a name, or something that notation leaves to plugins. */
export type TrustedIdentity =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'subject'; readonly text: string; readonly name: DistinguishedName }
  | { readonly kind: 'unsupported'; readonly text: string }

const subjectPrefix = 'x509.subject'

/** One entry of `trustedIdentities`, or in a few words what is wrong with it. */
export const parseTrustedIdentity = (text: string): TrustedIdentity | string => {
  if (text === '*') return { kind: 'anybody' }
  const colon = text.indexOf(':')
  if (colon < 0) return text === '' ? 'is empty' : `is neither * nor PREFIX:VALUE, such as ${subjectPrefix}: C=US, ST=WA, O=acme`
  if (text.slice(0, colon) !== subjectPrefix) return { kind: 'unsupported', text }
  const name = parseDistinguishedName(text.slice(colon + 1))
  return typeof name === 'string' ? name : { kind: 'subject', text, name }
}

/** True when who is meant by one is meant by the other too: notation wants them apart. */
export const overlaps = (a: TrustedIdentity, b: TrustedIdentity): boolean =>
  a.kind === 'subject' && b.kind === 'subject' && (isWithin(a.name, b.name) || isWithin(b.name, a.name))
