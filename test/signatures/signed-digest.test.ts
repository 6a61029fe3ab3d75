import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { keysOnly } from '../../src/signatures/authority.ts'
import { Malformed } from '../../src/signatures/malformed.ts'
import { signedDigest } from '../../src/signatures/signed-digest.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { howSigned } from '../../src/signatures/verify-key.ts'
import { bundleType, newSigner, type SignerKind, signBytes } from '../support/cosign.ts'
import { jsonBytes } from '../support/sigstore/trust.ts'

const bytes = Buffer.from('a manifest')
const image = sha256(bytes)

describe('signedDigest', () => {
  for (const kind of ['P-256', 'P-384', 'P-521', 'RSA'] satisfies SignerKind[]) {
    const signer = newSigner(kind)
    const key = publicKeyFromPem(signer.publicPem, 'k')
    const signature = signBytes(signer, bytes, 'sha256')
    it(`verifies what a ${kind} key signed with SHA-256, as the bytes themselves would be`, () => {
      expect(howSigned(key, signedDigest(image), signature))
        .to.equal(howSigned(key, bytes, signature))
        .and.match(/ with SHA-256$/)
    })
    it(`rejects other bytes, another signature and another ${kind} key`, () => {
      expect(howSigned(key, signedDigest(sha256('else')), signature)).to.equal(undefined)
      expect(howSigned(key, signedDigest(image), Buffer.alloc(signature.length, 1))).to.equal(undefined)
      expect(howSigned(publicKeyFromPem(newSigner(kind).publicPem, 'k'), signedDigest(image), signature)).to.equal(undefined)
    })
  }
  it('verifies none with Ed25519, whose signatures are not over such a digest', () => {
    const signer = newSigner('Ed25519')
    expect(howSigned(publicKeyFromPem(signer.publicPem, 'k'), signedDigest(image), signBytes(signer, bytes))).to.equal(undefined)
  })
  it('refuses digests of other hashes', () => {
    expect(() => signedDigest(`sha512:${'00'.repeat(64)}`)).to.throw(Malformed, /only a digest of sha512/)
  })
  it('is enough for a message signature', () => {
    const signer = newSigner()
    const bundle = {
      mediaType: bundleType,
      verificationMaterial: { publicKey: { hint: signer.fingerprint } },
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(image.slice(7), 'hex').toString('base64') },
        signature: signBytes(signer, bytes).toString('base64'),
      },
    }
    const trust = keysOnly([{ ...publicKeyFromPem(signer.publicPem, 'k'), name: 'k' }])
    expect(verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => signedDigest(image) }, trust).verified).to.equal(true)
  })
})
