import { expect } from 'chai'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { namesOf } from '../../../src/signatures/sigstore/certificate-names.ts'
import { readCertificate } from '../../../src/signatures/sigstore/x509.ts'
import { generalName, issue, names, oidcIssuer, oldOidcIssuer } from '../../support/sigstore/certificates.ts'
import { explicit, implicit, oid, utf8 } from '../../support/sigstore/der.ts'

const read = (...extensions: readonly Buffer[]) => namesOf(readCertificate(issue({ name: 'x', extensions }).der))

describe('namesOf', () => {
  it('reads every kind of name that somebody can have, where @sigstore/verify reads the first URI or address', () => {
    const all = [
      generalName.email('a@example.com'),
      generalName.uri('https://example.com/a'),
      generalName.dns('example.com'),
      generalName.ip(Buffer.from([10, 0, 0, 1])),
      generalName.ip(Buffer.from('20010db8000000000000000000000001', 'hex')),
      generalName.user('alice!example.com'),
    ]
    expect(read(names(...all)).subjects).to.deep.equal([
      'a@example.com',
      'https://example.com/a',
      'example.com',
      '10.0.0.1',
      '2001:db8::1',
      'alice!example.com',
    ])
  })
  it('passes over names of other kinds', () => {
    const other = explicit(0, oid('1.2.3'), explicit(0, utf8('alice')))
    expect(read(names(other, implicit(8, Buffer.from([1, 2])), generalName.dns('a.b'))).subjects).to.deep.equal(['a.b'])
  })
  it('gives none for a certificate without', () => {
    expect(read()).to.deep.equal({ subjects: [], issuer: undefined })
  })
  it('reads the issuer, and that of the first years where there is no other', () => {
    expect(read(oidcIssuer('https://new')).issuer).to.equal('https://new')
    expect(read(oldOidcIssuer('https://old')).issuer).to.equal('https://old')
    expect(read(oldOidcIssuer('https://old'), oidcIssuer('https://new')).issuer).to.equal('https://new')
  })
  for (const [title, bytes] of [
    ['a zero byte, behind which some stop to read', Buffer.from('a@example.com\0.evil.example')],
    ['a line break', Buffer.from('a@example.com\nb')],
    ['bytes that are no text', Buffer.from([0x61, 0xff])],
  ] as const) {
    it(`refuses a name with ${title}`, () => {
      expect(() => read(names(implicit(1, bytes)))).to.throw(Malformed, /names/)
    })
  }
  it('refuses more names than anybody has', () => {
    expect(() => read(names(...Array.from({ length: 65 }, () => generalName.dns('a'))))).to.throw(Malformed, /more than 64/)
  })
})
