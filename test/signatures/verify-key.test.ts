import { constants, createPrivateKey, sign } from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { expect } from 'chai'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { howSigned } from '../../src/signatures/verify-key.ts'
import { newSigner, type Signer, type SignerKind, signBytes, signerOf } from '../support/cosign.ts'

const bytes = Buffer.from('what was signed')
const kinds: readonly SignerKind[] = ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519']
const keyOf = ({ publicPem }: Signer) => publicKeyFromPem(publicPem, 'k')

describe('howSigned', () => {
  const signers = Object.fromEntries(kinds.map(kind => [kind, newSigner(kind)])) as Record<SignerKind, Signer>

  const taken: readonly [kind: SignerKind, hash: string | undefined, how: string][] = [
    ['P-256', undefined, 'ECDSA P-256 with SHA-256'],
    ['P-384', undefined, 'ECDSA P-384 with SHA-384'],
    ['P-384', 'sha256', 'ECDSA P-384 with SHA-256'],
    ['P-521', undefined, 'ECDSA P-521 with SHA-512'],
    ['P-521', 'sha256', 'ECDSA P-521 with SHA-256'],
    ['RSA', undefined, 'RSA 2048 with SHA-256'],
    ['RSA', 'sha512', 'RSA 2048 with SHA-512'],
    ['Ed25519', undefined, 'Ed25519ph'],
    ['Ed25519', 'pure', 'Ed25519'],
  ]
  for (const [kind, hash, how] of taken) {
    it(`takes a signature made as ${how}`, () => {
      expect(howSigned(keyOf(signers[kind]), bytes, signBytes(signers[kind], bytes, hash))).to.equal(how)
    })
  }

  it('takes RSA with PSS padding', () => {
    const pss = { key: signers.RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    expect(howSigned(keyOf(signers.RSA), bytes, sign('sha256', bytes, pss))).to.equal('RSA 2048 PSS with SHA-256')
  })

  for (const kind of kinds) {
    const signer = signers[kind]
    it(`refuses a ${kind} signature over other bytes`, () => {
      expect(howSigned(keyOf(signer), Buffer.from('else'), signBytes(signer, bytes))).to.equal(undefined)
    })
    it(`refuses a ${kind} signature by another key`, () => {
      expect(howSigned(keyOf(newSigner(kind)), bytes, signBytes(signer, bytes))).to.equal(undefined)
    })
    it(`refuses a ${kind} signature with any bit turned over`, () => {
      const signature = signBytes(signer, bytes)
      for (let bit = 0; bit < signature.length * 8; bit += kind === 'Ed25519' || kind === 'RSA' ? 13 : 3) {
        const changed = Buffer.from(signature)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(howSigned(keyOf(signer), bytes, changed), `bit ${bit}`).to.equal(undefined)
      }
    })
    it(`refuses what is no ${kind} signature at all`, () => {
      for (const size of [0, 1, 8, 63, 64, 65, 256, 1000]) expect(howSigned(keyOf(signer), bytes, Buffer.alloc(size))).to.equal(undefined)
    })
  }

  it('takes the hash that a policy names, and no other', () => {
    for (const kind of ['P-256', 'RSA'] as const) {
      const key = keyOf(signers[kind])
      for (const [signed, only, how] of [
        ['sha256', 'sha512', undefined],
        ['sha512', 'sha512', 'SHA-512'],
        ['sha224', 'sha224', 'SHA-224'],
        ['sha224', undefined, undefined],
      ] as const) {
        const signature = sign(signed, bytes, signers[kind].privateKey)
        const found = howSigned({ ...key, ...(only === undefined ? {} : { hash: only }) }, bytes, signature)
        expect(found?.split(' with ')[1], `${kind} ${signed} ${only}`).to.equal(how)
      }
    }
  })

  it('refuses weak hashes', () => {
    for (const hash of ['sha1', 'sha224', 'md5']) {
      expect(howSigned(keyOf(signers.RSA), bytes, sign(hash, bytes, signers.RSA.privateKey)), hash).to.equal(undefined)
    }
  })

  it('refuses an ECDSA signature that is not in DER', () => {
    const raw = sign('sha256', bytes, { key: signers['P-256'].privateKey, dsaEncoding: 'ieee-p1363' })
    expect(howSigned(keyOf(signers['P-256']), bytes, raw)).to.equal(undefined)
  })

  it('refuses Ed25519ph with a context, which cosign never has', () => {
    const seed = Buffer.from(signers.Ed25519.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
    const signature = ed25519ph.sign(bytes, seed, { context: Buffer.from('other') })
    expect(howSigned(keyOf(signers.Ed25519), bytes, signature)).to.equal(undefined)
  })

  it('agrees with the vector of RFC 8032 7.3 for Ed25519ph', () => {
    const secret = '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42'
    const der = Buffer.from(`302e020100300506032b657004220420${secret}`, 'hex')
    const signer = signerOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
    const signature = Buffer.from(
      '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406',
      'hex',
    )
    expect(howSigned(keyOf(signer), Buffer.from('abc'), signature)).to.equal('Ed25519ph')
  })
})
