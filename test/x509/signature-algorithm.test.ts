import { constants, sign } from 'node:crypto'
import { expect } from 'chai'
import { readDer, tags } from '../../src/x509/der.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm, verifies } from '../../src/x509/signature-algorithm.ts'
import { pairOf } from '../support/certificate-authority.ts'
import { explicit, integer, nil, oid, sequence } from '../support/der-writer.ts'

const hashes = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}
const read = (bytes: Buffer) => readSignatureAlgorithm(readDer(bytes, tags.sequence, 'it'))
const pss = (hash: keyof typeof hashes, mask: keyof typeof hashes, salt: number, ...more: readonly Buffer[]) =>
  sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      explicit(0, sequence(oid(hashes[hash]), nil)),
      explicit(1, sequence(oid('1.2.840.113549.1.1.8'), sequence(oid(hashes[mask]), nil))),
      explicit(2, integer(salt)),
      ...more,
    ),
  )

describe('the algorithm of a signature in a certificate', () => {
  const table: readonly [what: string, bytes: Buffer, algorithm: SignatureAlgorithm | undefined][] = [
    ['PSS with SHA-256 throughout', pss('sha256', 'sha256', 32), { scheme: 'pss', hash: 'sha256' }],
    ['PSS with SHA-512 throughout', pss('sha512', 'sha512', 64, explicit(3, integer(1))), { scheme: 'pss', hash: 'sha512' }],
    ['PSS with another salt', pss('sha256', 'sha256', 20), undefined],
    ['PSS with another hash for its mask', pss('sha256', 'sha384', 32), undefined],
    ['PSS with SHA-1', pss('sha1', 'sha1', 20), undefined],
    ['PSS with another trailer', pss('sha256', 'sha256', 32, explicit(3, integer(2))), undefined],
    ['PSS as it is without a word, which is SHA-1', sequence(oid('1.2.840.113549.1.1.10'), sequence()), undefined],
    ['PSS without parameters', sequence(oid('1.2.840.113549.1.1.10')), undefined],
    ['RSA with SHA-1', sequence(oid('1.2.840.113549.1.1.5'), nil), undefined],
    ['RSA with MD5', sequence(oid('1.2.840.113549.1.1.4'), nil), undefined],
    ['ECDSA with SHA-1', sequence(oid('1.2.840.10045.4.1')), undefined],
    ['ECDSA with SHA-384', sequence(oid('1.2.840.10045.4.3.3')), { scheme: 'ecdsa', hash: 'sha384' }],
  ]
  for (const [what, bytes, algorithm] of table) {
    it(`${algorithm === undefined ? 'is not' : 'is'} ${what}`, () => {
      expect(read(bytes)).to.deep.equal(algorithm)
    })
  }

  it('is used with keys of its kind, by its own padding and salt', () => {
    const { privateKey, publicKey } = pairOf('RSA 2048', 'leaf')
    const bytes = Buffer.from('signed')
    const padded = (padding: number, saltLength?: number) =>
      sign('sha256', bytes, { key: privateKey, padding, ...(saltLength === undefined ? {} : { saltLength }) })
    const pkcs1 = padded(constants.RSA_PKCS1_PADDING)
    const salted = padded(constants.RSA_PKCS1_PSS_PADDING, 32)
    const otherSalt = padded(constants.RSA_PKCS1_PSS_PADDING, 20)
    const check = (scheme: 'pkcs1' | 'pss', signature: Buffer) => verifies({ scheme, hash: 'sha256' }, publicKey, bytes, signature)
    expect([check('pkcs1', pkcs1), check('pss', salted)]).to.deep.equal([true, true])
    expect([check('pkcs1', salted), check('pss', pkcs1), check('pss', otherSalt), check('pkcs1', Buffer.alloc(0))]).to.deep.equal([
      false,
      false,
      false,
      false,
    ])
    expect(verifies({ scheme: 'ecdsa', hash: 'sha256' }, publicKey, bytes, pkcs1)).to.equal(false)
    expect(verifies({ scheme: 'ed25519', hash: undefined }, publicKey, bytes, pkcs1)).to.equal(false)
  })
})
