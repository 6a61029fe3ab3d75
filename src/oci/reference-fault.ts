import { isDigest } from '../digest.ts'
import { printable } from '../redact.ts'
import { isDomain, isPathComponent, isTag, maxPathLength, maxTagLength } from './reference-grammar.ts'

/** What is wrong with a reference that does not parse, as the end of a sentence: the first fault a reader would want to know. */
export const referenceFault = (text: string): string => {
  if (text === '') return 'it is empty'
  if (/^[a-f0-9]{64}$/.test(text)) return 'it is a bare 64 digit hexadecimal id; an image name is needed, or name@sha256:<id>'
  return wholeFault(text) ?? digestFault(text) ?? nameFault(text.split('@', 1)[0]!)
}

const wholeFault = (text: string): string | undefined => {
  if (text !== text.trim()) return 'it has white space at its start or end'
  if (/\s/.test(text)) return 'it has white space in it'
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(text)?.[1]
  if (scheme !== undefined) return `it starts with a scheme; leave "${scheme}://" out`
  if (/\{\{|\$\{|\$\(|\brepl\{/.test(text)) return 'it holds a template that was not filled in'
  const odd = /[^A-Za-z0-9._\-/:@+[\]]/u.exec(text)?.[0]
  return odd === undefined ? undefined : `the character "${printable(odd)}" is not allowed in it`
}

const digestFault = (text: string): string | undefined => {
  const at = text.indexOf('@')
  if (at < 0) return undefined
  const digest = text.slice(at + 1)
  if (digest.includes('@')) return 'it has more than one "@"'
  if (digest === '') return 'the digest after "@" is missing'
  const [algorithm, hex] = [digest.slice(0, digest.indexOf(':')), digest.slice(digest.indexOf(':') + 1)]
  if (!digest.includes(':')) return 'the digest after "@" has no algorithm; write @sha256:<64 hex>'
  if (algorithm !== 'sha256') return `the digest algorithm "${printable(algorithm, 40)}" is not supported; only sha256 is`
  if (/^[A-Fa-f0-9]{64}$/.test(hex) && /[A-F]/.test(hex)) return 'the digest has upper case letters; hexadecimal digits must be lower case'
  if (!/^[a-f0-9]*$/.test(hex)) return 'the digest holds characters that are not hexadecimal digits'
  return isDigest(digest) ? undefined : `the sha256 digest has ${hex.length} digits; it must have 64`
}

const nameFault = (named: string): string => {
  const slash = named.lastIndexOf('/')
  const colon = named.lastIndexOf(':')
  const tag = colon > slash ? named.slice(colon + 1) : undefined
  const name = tag === undefined ? named : named.slice(0, colon)
  if (name === '') return 'the name is missing'
  if (tag !== undefined && !isTag(tag)) return tagFault(tag)
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && (first === 'localhost' || /[.:[]/.test(first) || /[A-Z]/.test(first))
  const path = hasHost ? rest : [first, ...rest]
  return componentFault(path) ?? hostFault(first, hasHost) ?? lengthFault(path.join('/')) ?? 'it does not follow registry/repository:tag'
}

const tagFault = (tag: string): string => {
  if (tag === '') return 'the tag after ":" is missing'
  if (tag.length > maxTagLength) return `the tag has ${tag.length} characters; at most ${maxTagLength} are allowed`
  return `the tag "${printable(tag, 140)}" may hold only letters, digits, ".", "_" and "-", and must not start with "." or "-"`
}

const hostFault = (host: string, hasHost: boolean): string | undefined =>
  hasHost && !isDomain(host) ? `"${printable(host, 80)}" is not a host name with an optional port` : undefined

const componentFault = (path: readonly string[]): string | undefined => {
  const wrong = path.find(component => !isPathComponent(component))
  if (wrong === undefined) return undefined
  if (wrong === '') return 'a part of the path between two "/" is empty'
  if (wrong.includes(':')) return 'it has more than one ":" after the last "/", or a port in the wrong place'
  if (isPathComponent(wrong.toLowerCase())) return `the repository name must be lower case ("${printable(wrong, 80)}")`
  return `the part "${printable(wrong, 80)}" of the name is not allowed; letters and digits, joined by ".", "_", "__" or "-"`
}

const lengthFault = (path: string): string | undefined =>
  path.length > maxPathLength
    ? `the repository name has ${path.length} characters; at most ${maxPathLength} are allowed after the registry`
    : undefined
