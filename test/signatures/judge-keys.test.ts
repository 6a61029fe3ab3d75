import { expect } from 'chai'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import type { KeyAuthority } from '../../src/signatures/authority.ts'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { bundleOf, inTotoType, newSigner, paeOf, payloadOf, statementOf } from '../support/cosign.ts'
import { times } from '../support/sigstore/certificates.ts'
import { issueSigner, newDeployment } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { annotationsOf, bodyOf, logAnnotationOf, type ProofOptions, proofs } from '../support/sigstore/signatures.ts'
import { failure, image, jsonBytes, manifest, outcomes, rootWith } from '../support/sigstore/trust.ts'

const here = newDeployment()
const elsewhere = newDeployment()
const signer = newSigner()
const good = bundleOf(signer, statementOf(image))
const payload = Buffer.from(good.dsseEnvelope.payload, 'base64')
const logging = {
  signed: paeOf(inTotoType, payload),
  payload,
  signature: Buffer.from(good.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'),
  verifierPem: signer.publicPem,
}
const withProofs = (options: ProofOptions, deployment = here, about = logging) => ({
  ...good,
  verificationMaterial: { ...good.verificationMaterial, ...proofs(deployment, about, options) },
})
const verify = (bundle: object, more: Partial<KeyAuthority> = {}) =>
  verifyBundle(
    image,
    { bundle: jsonBytes(bundle), manifest: () => manifest },
    { kind: 'key', keys: [{ ...publicKeyFromPem(signer.publicPem, 'k'), name: 'k' }], trustedRoot: rootWith(here), ...more },
  )

describe('a signature by a key, with a trusted root', () => {
  it('counts without any proof, as no one asked for one', () => {
    expect(verify(good)).to.include({ verified: true })
    expect(verify(good)).to.not.have.property('witnesses')
  })
  for (const log of ['rekor', 'rekor2'] as const) {
    it(`has its entry in ${log} checked`, () => {
      const verdict = verify(withProofs({ logs: [log] }))
      expect(outcomes(verdict)).to.include.members(['logEntry ok', 'logInclusion ok'])
      expect(verdict.witnesses).to.deep.equal([{ kind: 'log', name: here[log].host, time: log === 'rekor' ? times.signed : undefined }])
    })
  }
  it('has its timestamp checked', () => {
    expect(verify(withProofs({ logs: [], stamps: [{}] })).witnesses).to.deep.equal([
      { kind: 'timestampAuthority', name: 'https://tsa.example', time: times.signed },
    ])
  })
  it('counts where the proofs are by others, which prove nothing', () => {
    const verdict = verify(withProofs({ stamps: [{}] }, elsewhere))
    expect(verdict.verified).to.equal(true)
    expect(outcomes(verdict)).to.include.members(['timestamp notChecked', 'logInclusion notChecked'])
    expect(verdict).to.not.have.property('witnesses')
  })

  const wrong: readonly [title: string, bundle: object, more: Partial<KeyAuthority>, failure: RegExp][] = [
    [
      'no entry where one is asked for',
      good,
      { require: { log: true } },
      /^notLogged at logInclusion: an entry in rekor\.example .* → none/,
    ],
    [
      'an entry of an unknown log where one is asked for',
      withProofs({}, elsewhere),
      { require: { log: true } },
      /^notLogged .* → only such of others/,
    ],
    ['no timestamp where one is asked for', withProofs({}), { require: { timestamp: true } }, /^untimed at timestamp: .* → none/],
    [
      'an entry that the log did not sign',
      withProofs({ logs: ['rekor2'], entry: { signer: elsewhere.rekor2.key } }),
      {},
      /^notLogged at logInclusion: a checkpoint/,
    ],
    [
      'an entry of another key',
      withProofs({}, here, { ...logging, verifierPem: newSigner().publicPem }),
      {},
      /^logEntry at logEntry: the key/,
    ],
    [
      'a timestamp of something else',
      withProofs({ logs: [], stamps: [{}] }, here, { ...logging, signature: Buffer.from('x') }),
      {},
      /^untimed at timestamp/,
    ],
  ]
  for (const [title, bundle, more, expected] of wrong) {
    it(`does not count with ${title}`, () => {
      const verdict = verify(bundle, more)
      expect(failure(verdict)).to.match(expected)
      expect(verdict).to.include({ verified: false, signer: 'the key in k (ECDSA P-256)' })
    })
  }
  it('does not count where proofs are asked for and no trusted root can check them', () => {
    for (const require of [{ log: true }, { timestamp: true }]) {
      const { trustedRoot: _, ...authority }: KeyAuthority = {
        kind: 'key',
        keys: [{ ...publicKeyFromPem(signer.publicPem, 'k'), name: 'k' }],
        require,
      }
      const verdict = verifyBundle(image, { bundle: jsonBytes(withProofs({ stamps: [{}] })), manifest: () => manifest }, authority)
      expect(failure(verdict)).to.match(/a proof that a trusted root can check → no trusted root/)
    }
  })

  describe('beside a certificate for the same key, as cosign 2 signs with both', () => {
    const certificate = issueSigner(here, { key: signer.privateKey })
    const bytes = payloadOf(image, 'registry.example.com/plugin')
    const { 'dev.sigstore.cosign/bundle': withCertificate = '', ...annotations } = annotationsOf(here, certificate, bytes)
    const signature = Buffer.from(annotations['dev.cosignproject.cosign/signature'] ?? '', 'base64')
    const entry = (verifierPem: string) =>
      logAnnotationOf(here, bodyOf('hashedrekord 0.0.1', { signed: bytes, payload: bytes, signature, verifierPem }))
    const look = (log: string, more: Readonly<Record<string, string>> = {}) =>
      verifySimpleSigning(
        image,
        { payload: bytes, annotations: { ...annotations, 'dev.sigstore.cosign/bundle': log, ...more } },
        {
          kind: 'key',
          keys: [{ ...publicKeyFromPem(signer.publicPem, 'k'), name: 'k' }],
          trustedRoot: rootWith(here),
          require: { log: true },
        },
      )
    it('takes an entry with the certificate, or with the key', () => {
      expect(look(withCertificate).verified).to.equal(true)
      expect(look(entry(signer.publicPem)).verified).to.equal(true)
    })
    it('rejects an entry with another certificate for the key, or another key', () => {
      expect(failure(look(entry(pem(issueSigner(here, { key: signer.privateKey }).der))))).to.match(
        /^logEntry at logEntry: .* → another certificate/,
      )
      expect(failure(look(entry(newSigner().publicPem)))).to.match(/^logEntry at logEntry: the key .* → the key/)
    })
    it('asks for the key in the entry where the certificate is for another one', () => {
      const other = issueSigner(here)
      const more = { 'dev.sigstore.cosign/certificate': pem(other.der) }
      expect(look(entry(signer.publicPem), more).verified).to.equal(true)
      expect(failure(look(entry(pem(other.der)), more))).to.match(/^logEntry at logEntry: the key .* → a certificate/)
    })
  })
})
