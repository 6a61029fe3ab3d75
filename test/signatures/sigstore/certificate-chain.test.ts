import { expect } from 'chai'
import { type Chain, findChain } from '../../../src/signatures/sigstore/certificate-chain.ts'
import { type Certificate, purposes, readCertificate } from '../../../src/signatures/sigstore/x509.ts'
import { authority, codeSigning, extension, type Issued, issue, newKey, purpose, times } from '../../support/sigstore/certificates.ts'
import { integer, sequence, yes } from '../../support/sigstore/der.ts'

const root = issue({ name: 'root', extensions: authority() })
const upper = issue({ name: 'upper', issuer: root, extensions: authority() })
const lower = issue({ name: 'lower', issuer: upper, extensions: [...authority(0), purpose([codeSigning])] })
const leafOf = (issuer: Issued) => issue({ name: 'leaf', issuer, extensions: [purpose([codeSigning])] })
const parsed = (all: readonly Issued[]) => all.map(({ der }) => readCertificate(der))
const find = (leaf: Issued, chain: readonly Issued[], untrusted: readonly Issued[] = [], at: readonly Date[] = [times.signed]): Chain =>
  findChain(
    readCertificate(leaf.der),
    [{ name: 'ca', chain: parsed(chain), validFor: { start: times.authorities[0], end: undefined } }],
    parsed(untrusted),
    at,
    purposes.codeSigning,
  )
const said = (chain: Chain): string => (chain.ok ? `${chain.path.length}` : `${chain.expected} → ${chain.actual}`)

describe('findChain', () => {
  const found: readonly [title: string, chain: Chain, length: number][] = [
    ['through the intermediates of the trusted root', find(leafOf(lower), [lower, upper, root]), 4],
    ['whatever their order, as long as the trusted one is last', find(leafOf(lower), [upper, lower, root]), 4],
    ['to a trusted intermediate alone, which the library refuses', find(leafOf(lower), [lower]), 2],
    ['through intermediates that came along', find(leafOf(lower), [root], [lower, upper]), 4],
    ['past certificates that have nothing to do with it', find(leafOf(lower), [root], [leafOf(root), upper, lower]), 4],
  ]
  for (const [title, chain, length] of found) {
    it(`finds the path ${title}`, () => {
      expect(said(chain)).to.equal(`${length}`)
    })
  }
  for (const kind of ['P-384', 'P-521', 'RSA', 'Ed25519'] as const) {
    it(`finds the path through a ${kind} authority`, () => {
      const ca = issue({ name: 'ca', key: newKey(kind), extensions: authority() })
      expect(said(find(leafOf(ca), [ca]))).to.equal('2')
    })
  }
  for (const [title, validity] of [
    ['has ended', { notAfter: new Date('2025-01-01T00:00:00Z') }],
    ['has not begun', { notBefore: new Date('2027-01-01T00:00:00Z') }],
  ] as const) {
    it(`finds the path through a renewed authority whose other certificate ${title}, in any order`, () => {
      const key = newKey()
      const other = issue({ name: 'renewed', key, issuer: root, ...validity, extensions: authority() })
      const current = issue({ name: 'renewed', key, issuer: root, extensions: authority() })
      expect(said(find(leafOf(current), [other, current, root]))).to.equal('3')
      expect(said(find(leafOf(current), [current, root], [other]))).to.equal('3')
      expect(said(find(leafOf(current), [other, root], [current]))).to.equal('3')
      expect(said(find(leafOf(current), [other, root]))).to.match(/its issuer's certificate to be valid when it signed/)
    })
  }
  it('finds the path through an authority for any purpose', () => {
    const any = issue({ name: 'any', issuer: root, extensions: [...authority(), purpose(['2.5.29.37.0'])] })
    expect(said(find(leafOf(any), [any, root]))).to.equal('3')
  })
  it('asks each certificate to be valid at every time', () => {
    const early = new Date('2019-01-01T00:00:00Z')
    expect(find(leafOf(root), [root], [], [times.signed, times.authorities[0]]).ok).to.equal(true)
    expect(said(find(leafOf(root), [root], [], [times.signed, early]))).to.match(/in its time .* → signed at 2019/)
    const old = issue({ name: 'old', issuer: root, notAfter: new Date('2025-01-01T00:00:00Z'), extensions: authority() })
    expect(said(find(leafOf(old), [old, root]))).to.match(/its issuer's certificate to be valid when it signed .* → signed at 2026/)
  })

  const impostor = issue({ name: 'root', extensions: authority() })
  const plain = issue({ name: 'plain', issuer: root })
  const noSigner = issue({
    name: 'no signer',
    issuer: root,
    extensions: [extension('2.5.29.19', sequence(yes), true), extension('2.5.29.15', Buffer.from([3, 2, 7, 0x80]), true)],
  })
  const short = issue({ name: 'short', issuer: root, extensions: [extension('2.5.29.19', sequence(yes, integer(0)), true)] })
  const belowShort = issue({ name: 'below', issuer: short, extensions: authority() })
  const tls = issue({ name: 'tls', issuer: root, extensions: [...authority(), purpose(['1.3.6.1.5.5.7.3.1'])] })
  const strange = issue({ name: 'strange', issuer: root, extensions: [...authority(), extension('2.5.29.30', sequence(), true)] })
  const renamed = { ...root, name: upper.name }
  const weak = issue({ name: 'weak', issuer: root, hash: 'sha1', extensions: authority() })
  const broken: readonly [title: string, chain: Chain, failure: RegExp][] = [
    ['of another root with the same name', find(leafOf(impostor), [root]), /none of them issued/],
    ['without the intermediates', find(leafOf(lower), [root]), /none of them issued/],
    ['whose end only came along', find(leafOf(impostor), [root], [impostor]), /none of them issued/],
    ['through a certificate of no authority', find(leafOf(plain), [root], [plain]), /may not issue certificates/],
    ['through an authority that may not sign certificates', find(leafOf(noSigner), [root], [noSigner]), /may not issue certificates/],
    [
      'that is longer than an authority allows',
      find(leafOf(belowShort), [root], [belowShort, short]),
      /at most 0 authorities below another → 1/,
    ],
    [
      'through an authority for TLS',
      find(leafOf(tls), [root], [tls]),
      /its issuer's certificate to be for code signing → one for TLS servers/,
    ],
    [
      'through one with constraints that are not understood',
      find(leafOf(strange), [root], [strange]),
      /critical extensions .* → 2\.5\.29\.30/,
    ],
    ['of the right key under another name', find(leafOf(renamed), [root]), /none of them issued/],
    ['through a signature with SHA-1', find(leafOf(weak), [root], [weak]), /none of them issued/],
    [
      'to nobody',
      findChain(readCertificate(leafOf(root).der), [], [], [times.signed], purposes.codeSigning),
      /an authority in the trusted root|a certificate authority/,
    ],
  ]
  for (const [title, chain, failure] of broken) {
    it(`rejects a path ${title}`, () => {
      expect(said(chain)).to.match(failure)
    })
  }

  it('ends soon where many of them are of one name and key, and so certify each other', () => {
    const key = newKey()
    const first = issue({ name: 'many', key, extensions: authority() })
    const many = Array.from({ length: 24 }, () => issue({ name: 'many', key, issuer: first, extensions: authority() }))
    let asked = 0
    const counted = parsed(many).map(certificate => ({
      ...certificate,
      isSignedBy: (issuer: Certificate) => {
        asked += 1
        return certificate.isSignedBy(issuer)
      },
    }))
    const ca = { name: 'ca', chain: parsed([root]), validFor: { start: times.authorities[0], end: undefined } }
    expect(findChain(counted[0]!, [ca], counted, [times.signed], purposes.codeSigning).ok).to.equal(false)
    expect(asked).to.be.within(1, 24 * 24)
  })
  it('ends where authorities certify each other', () => {
    const [a, b] = [newKey(), newKey()]
    const first = issue({ name: 'a', key: a, extensions: authority() })
    const second = issue({ name: 'b', key: b, extensions: authority() })
    const circle = [
      issue({ name: 'a', key: a, issuer: second, extensions: authority() }),
      issue({ name: 'b', key: b, issuer: first, extensions: authority() }),
    ]
    expect(said(find(leafOf(first), [root], [first, second, ...circle]))).to.match(/none of them issued/)
  })
})
