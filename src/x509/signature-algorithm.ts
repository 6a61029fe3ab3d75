import { constants, type KeyObject, verify } from 'node:crypto'
import { childrenOf, context, cursorOf, type Der, tags } from './der.ts'
import { oidOf, smallIntegerOf } from './der-values.ts'

export type Hash = 'sha256' | 'sha384' | 'sha512'
export const hashBytes: Readonly<Record<Hash, number>> = { sha256: 32, sha384: 48, sha512: 64 }

/** How certificates, CRLs and timestamp tokens are signed. SHA-1 and older are not among them, nor DSA. */
export type SignatureAlgorithm =
  | { readonly scheme: 'pkcs1' | 'pss' | 'ecdsa'; readonly hash: Hash }
  | { readonly scheme: 'ed25519'; readonly hash: undefined }

/** NIST's hash algorithms (RFC 5754 2). */
export const hashOids: ReadonlyMap<string, Hash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])
const rsaPss = '1.2.840.113549.1.1.10'
const mgf1 = '1.2.840.113549.1.1.8'

/** RFC 4055 5, RFC 5758 3.2, RFC 8410 3. */
export const signatureOids: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['1.2.840.113549.1.1.11', { scheme: 'pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { scheme: 'pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { scheme: 'pkcs1', hash: 'sha512' }],
  ['1.2.840.10045.4.3.2', { scheme: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { scheme: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { scheme: 'ecdsa', hash: 'sha512' }],
  ['1.3.101.112', { scheme: 'ed25519', hash: undefined }],
])

/** What an AlgorithmIdentifier names; undefined when it is none that is safe. @throws X509Error */
export const readSignatureAlgorithm = (der: Der): SignatureAlgorithm | undefined => {
  const fields = cursorOf(der)
  const oid = oidOf(fields.next(tags.oid, 'the signature algorithm'), 'the signature algorithm')
  if (oid !== rsaPss) return signatureOids.get(oid)
  const parameters = fields.optional(tags.sequence)
  return parameters === undefined ? undefined : readPss(parameters)
}

/** RSASSA-PSS-params (RFC 4055 3.1) with one hash for all, and a salt as long as it: Go takes no others. */
const readPss = (parameters: Der): SignatureAlgorithm | undefined => {
  const fields = cursorOf(parameters)
  const inside = (number: number): Der | undefined => {
    const field = fields.optional(context(number))
    return field === undefined ? undefined : cursorOf(field).any('a PSS parameter')
  }
  const [hash, mask, salt, trailer] = [inside(0), inside(1), inside(2), inside(3)]
  const used = hash && hashOf(hash)
  const [maskOid, maskHash] = mask === undefined ? [] : childrenOf(mask, 'the PSS mask')
  if (used === undefined || maskOid?.tag !== tags.oid || oidOf(maskOid, 'the PSS mask') !== mgf1) return undefined
  if (maskHash?.tag !== tags.sequence || hashOf(maskHash) !== used) return undefined
  if (salt === undefined || smallIntegerOf(salt, 'the PSS salt length') !== hashBytes[used]) return undefined
  if (trailer !== undefined && smallIntegerOf(trailer, 'the PSS trailer') !== 1) return undefined
  return { scheme: 'pss', hash: used }
}

/** The hash that an AlgorithmIdentifier names. @throws X509Error */
export const hashOf = (der: Der): Hash | undefined =>
  hashOids.get(oidOf(cursorOf(der).next(tags.oid, 'the hash algorithm'), 'the hash algorithm'))

const minRsaBits = 1024

/** True when `key` made `signature` over `signed` by exactly this algorithm; ECDSA signatures are DER. */
export const verifies = (algorithm: SignatureAlgorithm, key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  try {
    switch (algorithm.scheme) {
      case 'ed25519':
        return type === 'ed25519' && verify(null, signed, key, signature)
      case 'ecdsa':
        return type === 'ec' && verify(algorithm.hash, signed, { key, dsaEncoding: 'der' }, signature)
      case 'pkcs1':
        if (type !== 'rsa' || (details?.modulusLength ?? 0) < minRsaBits) return false
        return verify(algorithm.hash, signed, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
      case 'pss': {
        if (type !== 'rsa' || (details?.modulusLength ?? 0) < minRsaBits) return false
        const saltLength = hashBytes[algorithm.hash]
        return verify(algorithm.hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature)
      }
    }
  } catch {
    // Signatures of a wrong length make OpenSSL throw.
    return false
  }
}
