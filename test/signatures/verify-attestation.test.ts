import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Digest } from '../../src/digest.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { keysOnly } from '../../src/signatures/authority.ts'
import { verifyBundleAttestation, verifyEnvelope } from '../../src/signatures/verify-attestation.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { bundleOf, inTotoType, newSigner, paeOf, signBytes, signerOf, statementOf } from '../support/cosign.ts'
import { issueSigner, newDeployment } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { bodyOf, certificateAnnotations, logAnnotationOf, signBundle, stampAnnotation } from '../support/sigstore/signatures.ts'
import { failure, image, jsonBytes, manifest, otherImage, outcomes, rootWith, trustAlice } from '../support/sigstore/trust.ts'

const here = newDeployment()
const root = rootWith(here)
const trust = trustAlice(root)
const signer = issueSigner(here)
const spdx = 'https://spdx.dev/Document'
const about = (digest: Digest, predicate: unknown = { packages: [] }) => ({ ...statementOf(digest, spdx), predicate })
const verify = (bundle: object, authority: Parameters<typeof verifyBundleAttestation>[2] = trust) =>
  verifyBundleAttestation(image, jsonBytes(bundle), authority)

describe('verifyBundleAttestation', () => {
  it('gives what a trusted identity stated', () => {
    const verdict = verify(signBundle(here, signer, about(image)).bundle)
    expect(verdict).to.deep.include({
      verified: true,
      predicateType: spdx,
      statement: { predicateType: spdx, subjects: [image], predicate: { packages: [] } },
    })
  })
  it('gives what a trusted key stated', () => {
    const key = newSigner()
    const verdict = verify(bundleOf(key, about(image, 'a text')), keysOnly([{ ...publicKeyFromPem(key.publicPem, 'k'), name: 'k' }]))
    expect(verdict.statement?.predicate).to.equal('a text')
  })
  it('is no signature of the image, as cosign 3 has it', () => {
    const { bundle } = signBundle(here, signer, about(image))
    expect(failure(verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => manifest }, trust))).to.match(
      /^notASignature at purpose/,
    )
  })
  it('keeps to itself what nobody vouched for', () => {
    for (const [bundle, expected] of [
      [signBundle(here, signer, about(otherImage)).bundle, /^otherImage at image/],
      [signBundle(here, signer, about(image), { logs: [] }).bundle, /^notLogged/],
      [signBundle(newDeployment(), signer, about(image)).bundle, /^notLogged/],
      [bundleOf(newSigner(), about(image)), /^otherIdentity/],
    ] as const) {
      const verdict = verify(bundle)
      expect(failure(verdict)).to.match(expected)
      expect(verdict).to.include({ verified: false, statement: undefined, predicateType: spdx })
    }
  })
  it('is none of a message signature, nor of what is no bundle', () => {
    expect(failure(verify(signBundle(here, signer, manifest).bundle))).to.match(/^notAnAttestation at purpose/)
    expect(failure(verifyBundleAttestation(image, Buffer.from('x'), trust))).to.match(/^malformed at format/)
  })
})

describe('verifyEnvelope', () => {
  const payload = jsonBytes(about(image))
  const pae = paeOf(inTotoType, payload)
  const signature = signBytes(signerOf(signer.key), pae)
  const envelope = jsonBytes({
    payloadType: inTotoType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: '', sig: signature.toString('base64') }],
  })
  const logging = { signed: pae, payload, signature, verifierPem: pem(signer.der) }
  const none = { 'dev.cosignproject.cosign/signature': '', predicateType: spdx, ...certificateAnnotations(here, signer) }
  const logged = (body: Buffer) => ({ ...none, 'dev.sigstore.cosign/bundle': logAnnotationOf(here, body) })
  const look = (annotations: Readonly<Record<string, string>>, bytes: Uint8Array = envelope, authority = trust) =>
    verifyEnvelope(image, { envelope: bytes, annotations }, authority)
  /** Only the whole envelope's digest was logged, and the key beside it. */
  const intoto1 = (bytes: Uint8Array) =>
    jsonBytes({
      apiVersion: '0.0.1',
      kind: 'intoto',
      spec: {
        content: { hash: { algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') } },
        publicKey: Buffer.from(pem(signer.der)).toString('base64'),
      },
    })

  for (const kind of ['dsse 0.0.1', 'intoto 0.0.2']) {
    it(`verifies an envelope with an entry of the kind ${kind}`, () => {
      const verdict = look(logged(bodyOf(kind, logging)))
      expect(outcomes(verdict)).to.include.members(['logEntry ok', 'logInclusion ok', 'identity ok'])
      expect(verdict.statement?.predicateType).to.equal(spdx)
    })
  }
  it('verifies one with an entry of the kind intoto 0.0.1, which is of the whole envelope', () => {
    expect(look(logged(intoto1(envelope))).verified).to.equal(true)
    expect(failure(look(logged(intoto1(Buffer.from('x')))))).to.match(/^logEntry at logEntry: sha256:/)
  })
  it('cannot compare such an entry in a bundle, which does not hold the envelope', () => {
    const { bundle } = signBundle(here, signer, about(image))
    const [entry] = bundle.verificationMaterial.tlogEntries
    const old = { ...entry, kindVersion: { kind: 'intoto', version: '0.0.1' }, canonicalizedBody: intoto1(envelope).toString('base64') }
    const verdict = verify({ ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [old] } })
    expect(failure(verdict)).to.match(/^logEntry at logEntry: .* → the log entry is about an envelope/)
  })
  it('takes a timestamp of the envelope, as cosign 2 made them, or of the signature', () => {
    const authority = trustAlice(root, { require: { log: false, timestamp: true } })
    for (const stamped of [envelope, signature]) {
      expect(
        look({ ...none, 'dev.sigstore.cosign/rfc3161timestamp': stampAnnotation(here, stamped) }, envelope, authority).verified,
      ).to.equal(true)
    }
    expect(
      failure(look({ ...none, 'dev.sigstore.cosign/rfc3161timestamp': stampAnnotation(here, payload) }, envelope, authority)),
    ).to.match(/^untimed at timestamp/)
  })
  for (const [title, change, expected] of [
    [
      'two signatures',
      (json: { signatures: object[] }) => ({ ...json, signatures: [...json.signatures, ...json.signatures] }),
      /not exactly one signature/,
    ],
    ['none', (json: object) => ({ ...json, signatures: [] }), /not exactly one signature/],
    ['another payload type', (json: object) => ({ ...json, payloadType: 'text/plain' }), /the envelope holds "text\/plain"/],
    ['no payload', (json: object) => ({ ...json, payload: undefined }), /the payload is not a string/],
  ] as const) {
    it(`refuses an envelope with ${title}`, () => {
      const bytes = jsonBytes(change(JSON.parse(envelope.toString())))
      expect(failure(look(logged(bodyOf('dsse 0.0.1', logging)), bytes)))
        .to.match(/^malformed at format: a DSSE envelope → /)
        .and.match(expected)
    })
  }
})
