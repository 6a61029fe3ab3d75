import { expect } from 'chai'
import { claimOf } from '../../src/signatures/certificate.ts'
import { newSigner } from '../support/cosign.ts'
import { issueCertificate } from '../support/signing-certificate.ts'

const signer = newSigner()

describe('claimOf', () => {
  const named: readonly [title: string, options: object, identity: string][] = [
    ['an e-mail address', { email: 'a@b.c', issuer: 'https://i.example' }, 'a@b.c (issuer https://i.example)'],
    [
      'a workflow',
      { uri: 'https://github.com/o/r/w.yml@refs/heads/main', issuer: 'https://i.example' },
      'https://github.com/o/r/w.yml@refs/heads/main (issuer https://i.example)',
    ],
    ['the issuer of old certificates', { email: 'a@b.c', issuer: 'https://i.example', old: true }, 'a@b.c (issuer https://i.example)'],
    ["the certificate's own issuer where Fulcio wrote none", { email: 'a@b.c' }, 'a@b.c (issuer CN=sigstore-intermediate)'],
    ['the subject where there is no other name', {}, 'CN=sigstore-intermediate (issuer CN=sigstore-intermediate)'],
  ]
  for (const [title, options, identity] of named) {
    it(`names ${title}`, () => {
      expect(claimOf(issueCertificate({ signer, ...options }).der)?.identity).to.equal(identity)
    })
  }

  it("gives the holder's key", () => {
    expect(claimOf(issueCertificate({ signer, email: 'a@b.c' }).der)?.key?.fingerprint).to.equal(signer.fingerprint)
  })

  it('escapes what is in it', () => {
    expect(claimOf(issueCertificate({ signer, uri: 'https://a/\u001b[2J', issuer: 'i\nj' }).der)?.identity).to.not.match(/\p{Cc}/u)
  })

  it('does not read a certificate of more than 64 KiB', () => {
    expect(claimOf(issueCertificate({ signer, uri: 'https://a/'.padEnd(60_000, 'x') }).der)).to.not.equal(undefined)
    expect(claimOf(issueCertificate({ signer, uri: 'https://a/'.padEnd(64 << 10, 'x') }).der)).to.equal(undefined)
  })

  it('gives nothing for what is no certificate', () => {
    expect(claimOf(Buffer.from('x'))).to.equal(undefined)
    expect(claimOf(Buffer.alloc(0))).to.equal(undefined)
  })
})
