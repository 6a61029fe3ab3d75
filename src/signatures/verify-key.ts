import { constants, verify } from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import type { HashAlgorithm } from '../policy/image-policy.ts'
import type { KeyAlgorithm, PublicKey } from '../policy/keys.ts'

type Hash = 'sha256' | 'sha384' | 'sha512'

/** A key, and perhaps the only hash with which it signs. */
export interface SigningKey extends PublicKey {
  /** Of a policy that names one (`hashAlgorithm`); absent: any that is sound. Ed25519 brings its own. */
  readonly hash?: HashAlgorithm
}

/** What is signed: bytes, or only their digest where the bytes are not at hand (signed-digest.ts). */
export type Message = Uint8Array | SignedDigest
export interface SignedDigest {
  readonly hash: 'sha256'
  readonly digest: Buffer
  isSigned(by: PublicKey, signature: Uint8Array): boolean
}

/**
 * The hash of the algorithm registry first, for each kind of key: cosign 3 signs with it, and cosign 2 with SHA-256 whatever the
 * key is (its --signature-digest-algorithm names the others). cosign verifies with SHA-256 alone unless it is told, and so fails
 * on signatures of its own (cosign issues 5091, 5092); all three are sound, so all are tried.
 *
 * @see https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md
 */
const hashes: Readonly<Record<Exclude<KeyAlgorithm, 'ed25519'>, readonly Hash[]>> = {
  'ecdsa-p256': ['sha256', 'sha384', 'sha512'],
  'ecdsa-p384': ['sha384', 'sha256', 'sha512'],
  'ecdsa-p521': ['sha512', 'sha256', 'sha384'],
  rsa: ['sha256', 'sha384', 'sha512'],
}

/** How `signature` over `signed` was made with `key`, as in `ECDSA P-256 with SHA-256`; undefined when it was not. */
export const howSigned = (by: SigningKey, signed: Message, signature: Uint8Array): string | undefined => {
  const { key, algorithm, description, hash: only } = by
  if (!(signed instanceof Uint8Array)) {
    const sound = (only ?? 'sha256') === 'sha256' && checks(() => signed.isSigned(by, signature))
    return sound ? `${description} with SHA-256` : undefined
  }
  if (algorithm === 'ed25519') {
    if (checks(() => verify(null, signed, key, signature))) return description
    // What cosign 3 makes with an Ed25519 key; node:crypto lacks it.
    const { x = '' } = key.export({ format: 'jwk' })
    const point = Buffer.from(x, 'base64url')
    return checks(() => ed25519ph.verify(signature, signed, point, { zip215: false })) ? 'Ed25519ph' : undefined
  }
  const tried = only === undefined ? hashes[algorithm] : [only]
  const hash = tried.find(name => checks(() => verify(name, signed, key, signature)))
  if (hash !== undefined) return `${description} with ${nameOf(hash)}`
  if (algorithm !== 'rsa') return undefined
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
  const pssHash = tried.find(name => checks(() => verify(name, signed, pss, signature)))
  return pssHash === undefined ? undefined : `${description} PSS with ${nameOf(pssHash)}`
}

const nameOf = (hash: string): string => hash.replace('sha', 'SHA-')

/** A signature that is not even one of its kind makes the libraries throw. */
const checks = (verified: () => boolean): boolean => {
  try {
    return verified()
  } catch {
    return false
  }
}
