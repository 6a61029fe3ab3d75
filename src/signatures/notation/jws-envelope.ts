import { isArray } from '../../oci/go-struct.ts'
import { type Certificate, parseCertificate } from '../../x509/certificate.ts'
import { Malformed } from '../malformed.ts'
import { type EnvelopeParts, maxChain, verifyParts } from './envelope-parts.ts'
import { jsonMembers, type Members, membersOf, requiredText, textIn } from './json-members.ts'
import { parseRfc3339 } from './rfc3339.ts'
import { attributes, type ProtectedHeader } from './signed-attributes.ts'

export const jwsMediaType = 'application/jose+json'

const names = {
  envelope: ['payload', 'protected', 'header', 'signature'],
  // The agent's name, which signers spell in several ways, decides nothing.
  header: ['x5c', 'io.cncf.notary.timestampSignature'],
  protected: ['alg', 'cty', 'crit', ...Object.values(attributes)],
} as const

/**
 * A JWS in flattened JSON, with the parts that its certificate signed verified.
 *
 * @throws Malformed, X509Error
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/signature-envelope-jws.md
 */
export const readJws = (bytes: Uint8Array): EnvelopeParts => {
  const what = 'the envelope'
  const envelope = jsonMembers(bytes, what, names.envelope)
  const payloadText = requiredText(envelope, 'payload', what)
  const protectedText = requiredText(envelope, 'protected', what)
  const signature = fromBase64Url(requiredText(envelope, 'signature', what), 'the signature')
  const payload = fromBase64Url(payloadText, 'the payload')
  const header = readProtected(fromBase64Url(protectedText, 'the protected header'))
  const unsigned = membersOf(envelope.get('header'), 'the unprotected header', names.header)
  const token = textIn(unsigned, 'io.cncf.notary.timestampSignature', 'the unprotected header') ?? ''
  const parts: EnvelopeParts = {
    payload,
    signature,
    chain: readChain(unsigned),
    timestampToken: token === '' ? undefined : fromBase64(token, 'the timestamp token'),
    signingAgent: textIn(unsigned, 'io.cncf.notary.signingAgent', 'the unprotected header'),
    header,
  }
  verifyParts(parts, {
    // Over the text as it came (RFC 7515 5.2): written anew it could be another.
    signed: Buffer.from(`${protectedText}.${payloadText}`),
    isAlgorithm: ({ jws }) => jws === header.algorithm,
    algorithm: JSON.stringify(header.algorithm ?? ''),
  })
  return parts
}

interface JwsHeader extends ProtectedHeader {
  readonly algorithm: string | undefined
}

const readProtected = (bytes: Buffer): JwsHeader => {
  const what = 'the protected header'
  const members = jsonMembers(bytes, what, names.protected)
  const crit = members.get('crit') ?? []
  if (!isArray(crit)) throw new Malformed('crit is not a list')
  return {
    algorithm: textIn(members, 'alg', what),
    contentType: textIn(members, 'cty', what),
    names: [...members.keys()].filter(name => !['alg', 'cty', 'crit'].includes(name)),
    critical: crit.map(name => {
      if (typeof name !== 'string') throw new Malformed('crit names something that is not text')
      return name
    }),
    mayBeCritical: [],
    text: name => textIn(members, name, what),
    time: name => {
      const text = textIn(members, name, what)
      const time = text === undefined ? undefined : parseRfc3339(text)
      if (text !== undefined && time === undefined) throw new Malformed(`${name} is not a time (RFC 3339)`)
      return time
    },
  }
}

const readChain = (unsigned: Members): readonly Certificate[] => {
  const list = unsigned.get('x5c') ?? []
  if (!isArray(list)) throw new Malformed('x5c is not a list')
  if (list.length > maxChain) throw new Malformed(`x5c has more than ${maxChain} certificates`)
  return list.map(item => {
    if (typeof item !== 'string') throw new Malformed('x5c holds something that is not text')
    return parseCertificate(fromBase64(item, 'a certificate of x5c'))
  })
}

/** Base64url without padding (RFC 7515 2), in its one spelling: Buffer.from would take much else. */
const fromBase64Url = (text: string, what: string): Buffer => {
  const bytes = Buffer.from(text, 'base64url')
  if (text === '') throw new Malformed(`${what} is empty`)
  if (!/^[A-Za-z0-9_-]*$/.test(text) || bytes.toString('base64url') !== text) throw new Malformed(`${what} is not base64url`)
  return bytes
}

/** Base64 with padding (RFC 7515 4.1.6), in its one spelling; line breaks are let through, as in Go. */
const fromBase64 = (text: string, what: string): Buffer => {
  const plain = text.replace(/[\r\n]/g, '')
  const bytes = Buffer.from(plain, 'base64')
  if (bytes.length === 0 || bytes.toString('base64') !== plain) throw new Malformed(`${what} is not base64`)
  return bytes
}
