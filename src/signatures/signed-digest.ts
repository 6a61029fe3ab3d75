import { publicDecrypt } from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { Malformed } from './malformed.ts'
import type { SignedDigest } from './verify-key.ts'

const curves = { 'ecdsa-p256': p256, 'ecdsa-p384': p384, 'ecdsa-p521': p521 } as const
/** DigestInfo of SHA-256 (RFC 8017 9.2, note 1). */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/**
 * Something of which only the SHA-256 is known, as a message that can be verified all the same: node:crypto hashes by itself. In a
 * file of its own, as nothing else needs these curves. Not for Ed25519, which hashes otherwise.
 *
 * @throws Malformed for the digest of another hash
 */
export const signedDigest = (image: string): SignedDigest => {
  const [algorithm, hex = ''] = image.split(':')
  if (algorithm !== 'sha256') throw new Malformed(`the signature is of bytes of which only a digest of ${algorithm} is known`)
  const digest = Buffer.from(hex, 'hex')
  return {
    hash: 'sha256',
    digest,
    isSigned({ key, algorithm: kind, spki }, signature) {
      if (kind === 'ed25519') return false
      if (kind === 'rsa') return publicDecrypt(key, signature).equals(Buffer.concat([sha256Info, digest]))
      const curve = curves[kind]
      // The point is the last of the SubjectPublicKeyInfo, uncompressed.
      const point = spki.subarray(-(2 * curve.Point.Fp.BYTES + 1))
      return curve.verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' })
    },
  }
}
