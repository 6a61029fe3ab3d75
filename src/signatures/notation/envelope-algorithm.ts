import { constants, type KeyObject, verify } from 'node:crypto'
import { type Hash, hashBytes } from '../../x509/signature-algorithm.ts'

/**
 * How an envelope is signed. The leaf's key decides: one algorithm for each kind and size of key, and no other
 * (signature-specification.md at v1.1.0, "Signature Algorithm Requirements").
 */
export interface EnvelopeAlgorithm {
  /** RFC 7518 3.1. */
  readonly jws: string
  /** RFC 9053 2.1, RFC 8230 2. */
  readonly cose: number
  readonly scheme: 'pss' | 'ecdsa'
  readonly hash: Hash
  /** For people. */
  readonly key: string
}

const rsa: Readonly<Record<number, EnvelopeAlgorithm>> = {
  2048: { jws: 'PS256', cose: -37, scheme: 'pss', hash: 'sha256', key: 'RSA 2048' },
  3072: { jws: 'PS384', cose: -38, scheme: 'pss', hash: 'sha384', key: 'RSA 3072' },
  4096: { jws: 'PS512', cose: -39, scheme: 'pss', hash: 'sha512', key: 'RSA 4096' },
}
const ecdsa: Readonly<Record<string, EnvelopeAlgorithm>> = {
  prime256v1: { jws: 'ES256', cose: -7, scheme: 'ecdsa', hash: 'sha256', key: 'ECDSA P-256' },
  secp384r1: { jws: 'ES384', cose: -35, scheme: 'ecdsa', hash: 'sha384', key: 'ECDSA P-384' },
  secp521r1: { jws: 'ES512', cose: -36, scheme: 'ecdsa', hash: 'sha512', key: 'ECDSA P-521' },
}

/** Undefined for a key with which notation does not sign. */
export const algorithmFor = (key: KeyObject | undefined): EnvelopeAlgorithm | undefined => {
  const { namedCurve = '', modulusLength = 0 } = key?.asymmetricKeyDetails ?? {}
  // A modulus counts in whole bytes, as Go's Size() does.
  if (key?.asymmetricKeyType === 'rsa') return rsa[Math.ceil(modulusLength / 8) * 8]
  return key?.asymmetricKeyType === 'ec' && Object.hasOwn(ecdsa, namedCurve) ? ecdsa[namedCurve] : undefined
}

/**
 * True when `key` made `signature` over `signed`. The salt is as long as the hash (RFC 7518 3.5, RFC 8230 2), where notation
 * takes any in JWS; ECDSA signatures are the two numbers one after the other.
 */
export const envelopeVerifies = (
  { scheme, hash }: EnvelopeAlgorithm,
  key: KeyObject,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean => {
  try {
    if (scheme === 'ecdsa') return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
    return verify(hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: hashBytes[hash] }, signature)
  } catch {
    return false
  }
}
