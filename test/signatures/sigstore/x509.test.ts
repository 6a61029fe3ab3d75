import { expect } from 'chai'
import fc from 'fast-check'
import { claimOf } from '../../../src/signatures/certificate.ts'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { notUnderstood, readableCertificates, readCertificate } from '../../../src/signatures/sigstore/x509.ts'
import { authority, codeSigning, extension, issue, newKey, purpose, signWith, spkiOf } from '../../support/sigstore/certificates.ts'
import { issueSigner, newDeployment } from '../../support/sigstore/deployment.ts'
import { bits, der, explicit, generalizedTime, integer, oid, sequence } from '../../support/sigstore/der.ts'

const root = issue({ name: 'root', extensions: authority(1) })
const leaf = issue({ name: 'leaf', issuer: root, extensions: [purpose([codeSigning], true)] })

describe('readCertificate', () => {
  it('reads what chains are made of', () => {
    const [ca, certificate] = [readCertificate(root.der), readCertificate(leaf.der)]
    expect(certificate.issuer.equals(ca.subject)).to.equal(true)
    expect(certificate.spki.equals(spkiOf(leaf.key))).to.equal(true)
    expect(certificate.serial.equals(leaf.serial)).to.equal(true)
    expect(certificate.inWords()).to.deep.equal({ issuer: 'CN=root', subject: 'CN=leaf' })
    expect([ca.isAuthority, ca.pathLength, certificate.isAuthority, certificate.pathLength]).to.deep.equal([true, 1, false, Infinity])
    expect([...(certificate.extendedKeyUsage ?? [])]).to.deep.equal([codeSigning])
    expect([certificate.isSignedBy(ca), ca.isSignedBy(certificate)]).to.deep.equal([true, false])
  })
  it('tells which critical extensions are not understood', () => {
    const strange = issue({
      name: 'x',
      extensions: [extension('1.2.3', Buffer.from([5, 0]), true), extension('1.2.4', Buffer.from([5, 0]))],
    })
    expect(notUnderstood(readCertificate(strange.der))).to.deep.equal(['1.2.3'])
  })

  const key = newKey()
  const ecdsa = sequence(oid('1.2.840.10045.4.3.2'))
  const name = sequence()
  const time = generalizedTime(new Date('2026-01-01T00:00:00Z'))
  const body = ({ version = explicit(0, integer(2)), spki = spkiOf(key) } = {}) =>
    sequence(version, integer(1), ecdsa, name, sequence(time, time), name, spki)
  const signed = (tbs: Buffer, algorithm = ecdsa) => sequence(tbs, algorithm, bits(signWith(key, tbs)))
  it('reads the smallest one', () => {
    expect(readCertificate(signed(body())).extensions.size).to.equal(0)
  })
  it('names nobody where its names are empty', () => {
    expect(readCertificate(signed(body())).inWords()).to.deep.equal({ issuer: '', subject: '' })
    expect(claimOf(signed(body()))?.identity).to.equal('without a name (issuer without a name)')
  })
  const refused: readonly [title: string, bytes: Buffer, problem: RegExp][] = [
    [
      'an extension twice, of which readers take either',
      issue({ name: 'x', extensions: [purpose([codeSigning]), purpose(['2.5.29.37.0'])] }).der,
      /2\.5\.29\.37 twice/,
    ],
    ['version 1', signed(body({ version: explicit(0, integer(0)) })), /not an X\.509 certificate of version 3/],
    ['two algorithms', signed(body(), sequence(oid('1.2.840.10045.4.3.3'))), /two algorithms/],
    ['a key that is none', signed(body({ spki: sequence(ecdsa, bits(Buffer.from([1]))) })), /cannot be read/],
    ['a bare public key', spkiOf(key), /certificate/],
    ['more than 64 KiB', der(0x30, Buffer.alloc(66_000)), /larger than 64 KiB/],
    ['bytes behind it', Buffer.concat([leaf.der, Buffer.from([0])]), /bytes after its end/],
    ['nothing', Buffer.alloc(0), /not DER/],
  ]
  for (const [title, bytes, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => readCertificate(bytes)).to.throw(Malformed, problem)
    })
  }
  it('throws nothing else, whatever is changed', () => {
    const good = issueSigner(newDeployment()).der
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(good)
        changed[at] = byte
        try {
          readCertificate(changed)
        } catch (error) {
          expect(error).to.be.instanceOf(Malformed)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('readableCertificates', () => {
  it('leaves out what cannot be read', () => {
    expect(readableCertificates([leaf.der, Buffer.from('x'), root.der]).map(({ der: bytes }) => bytes)).to.deep.equal([leaf.der, root.der])
  })
})
