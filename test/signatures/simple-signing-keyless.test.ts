import { expect } from 'chai'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import { newSigner, payloadOf } from '../support/cosign.ts'
import { issueSigner, newDeployment } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { annotationsOf, bodyOf, certificateAnnotations, logAnnotationOf, stampAnnotation } from '../support/sigstore/signatures.ts'
import { failure, image, otherImage, outcomes, rootWith, trustAlice } from '../support/sigstore/trust.ts'

const here = newDeployment()
const root = rootWith(here)
const trust = trustAlice(root)
const payload = payloadOf(image, 'registry.example.com/plugin')
const signer = issueSigner(here)
const good = annotationsOf(here, signer, payload)
const verify = (annotations: Readonly<Record<string, string>>, authority = trust, bytes: Uint8Array = payload) =>
  verifySimpleSigning(image, { payload: bytes, annotations }, authority)
const logName = 'dev.sigstore.cosign/bundle'

describe('verifySimpleSigning with a certificate, as cosign 2 stores it', () => {
  it('takes every step', () => {
    const verdict = verify(good)
    expect(outcomes(verdict)).to.deep.equal(
      ['format', 'purpose', 'image', 'signature', 'logEntry', 'logInclusion', 'certificate', 'sct', 'identity'].map(step => `${step} ok`),
    )
    expect(verdict).to.include({ verified: true, signer: 'alice@example.com (issuer https://accounts.example.com)' })
  })
  it('needs no chain where the trusted root has it, and takes one where it has only the root', () => {
    const { 'dev.sigstore.cosign/chain': chain = '', ...without } = good
    expect(verify(without).verified).to.equal(true)
    expect(verify({ ...without, 'dev.sigstore.cosign/chain': '' }).verified).to.equal(true)
    const rootOnly = rootWith(here, json => ({
      ...json,
      certificateAuthorities: json.certificateAuthorities.map(ca => ({
        ...ca,
        certChain: { certificates: ca.certChain.certificates.slice(1) },
      })),
    }))
    expect(failure(verify(without, trustAlice(rootOnly)))).to.match(/^certificate at certificate/)
    expect(verify({ ...without, 'dev.sigstore.cosign/chain': chain }, trustAlice(rootOnly)).verified).to.equal(true)
  })
  it('takes a timestamp of the signature', () => {
    const authority = trustAlice(root, { require: { log: false, timestamp: true } })
    expect(verify(annotationsOf(here, signer, payload, { log: false, stamped: 'signature' }), authority).verified).to.equal(true)
    expect(failure(verify(annotationsOf(here, signer, payload, { log: false, stamped: payload }), authority))).to.match(
      /^untimed at timestamp: a timestamp of this signature/,
    )
  })

  const annotation = (name: string, value: string) => ({ ...good, [name]: value })
  const entry = JSON.parse(good[logName] ?? '')
  const wrong: readonly [title: string, annotations: Readonly<Record<string, string>>, failure: RegExp][] = [
    ['no log entry', annotationsOf(here, signer, payload, { log: false }), /^notLogged/],
    [
      'a bare key in the place of the certificate',
      annotation('dev.sigstore.cosign/certificate', newSigner().publicPem),
      /^malformed at format: .* its certificate is not one/,
    ],
    ['two certificates', annotation('dev.sigstore.cosign/certificate', pem(signer.der) + pem(here.intermediate.der)), /more than one/],
    ['a chain that is none', annotation('dev.sigstore.cosign/chain', 'x'), /^malformed at format: .* its chain is not one/],
    ['another certificate of the same person', { ...good, ...certificateAnnotations(here, issueSigner(here)) }, /^altered at signature/],
    [
      'an entry of another signature',
      annotation(logName, annotationsOf(here, signer, payload)[logName] ?? ''),
      /^logEntry at logEntry: the signature that it came with/,
    ],
    [
      'a promise for another time',
      annotation(logName, JSON.stringify({ ...entry, Payload: { ...entry.Payload, integratedTime: entry.Payload.integratedTime + 1 } })),
      /^notLogged at logInclusion: a promise/,
    ],
    [
      'a log that is not in hexadecimal',
      annotation(logName, JSON.stringify({ ...entry, Payload: { ...entry.Payload, logID: 'x' } })),
      /logID is not in hexadecimal/,
    ],
    [
      'a negative place',
      annotation(logName, JSON.stringify({ ...entry, Payload: { ...entry.Payload, logIndex: -1 } })),
      /logIndex is not a whole number/,
    ],
    [
      'a timestamp that is none',
      annotation('dev.sigstore.cosign/rfc3161timestamp', '{"SignedRFC3161Timestamp":"AAAA"}'),
      /^untimed at timestamp: an RFC 3161 timestamp/,
    ],
    ['a timestamp annotation without one', annotation('dev.sigstore.cosign/rfc3161timestamp', '{}'), /SignedRFC3161Timestamp is not/],
  ]
  for (const [title, annotations, expected] of wrong) {
    it(`rejects ${title}`, () => {
      const verdict = verify(annotations)
      expect(failure(verdict)).to.match(expected)
      expect(verdict.verified).to.equal(false)
    })
  }
  it('rejects a signature of another image, and says whose it is', () => {
    const other = payloadOf(otherImage, 'x')
    const verdict = verify(annotationsOf(here, signer, other), trust, other)
    expect(verdict).to.include({ verified: false, fault: 'otherImage', signer: 'alice@example.com (issuer https://accounts.example.com)' })
  })
  it('rejects a key signature', () => {
    expect(failure(verify({ 'dev.cosignproject.cosign/signature': good['dev.cosignproject.cosign/signature'] ?? '' }))).to.match(
      /^otherIdentity at certificate: a certificate of .* → one by an unknown key/,
    )
  })
  it('reads old entries of the kind rekord', () => {
    const signature = Buffer.from(good['dev.cosignproject.cosign/signature'] ?? '', 'base64')
    const body = bodyOf('hashedrekord 0.0.1', { signed: payload, payload, signature, verifierPem: pem(signer.der) })
    const old = Buffer.from(body.toString().replace('hashedrekord', 'rekord'))
    expect(verify(annotation(logName, logAnnotationOf(here, old))).verified).to.equal(true)
  })
  it('passes over the timestamp of an unknown authority', () => {
    expect(verify({ ...good, 'dev.sigstore.cosign/rfc3161timestamp': stampAnnotation(newDeployment(), payload) }).verified).to.equal(true)
  })
})
