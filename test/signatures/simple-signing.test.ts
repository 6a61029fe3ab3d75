import { expect } from 'chai'
import fc from 'fast-check'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { type KeyAuthority, keysOnly } from '../../src/signatures/authority.ts'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { hashedRekord, layerOf, logAnnotation, newSigner, payloadOf, type Signer, type SignerKind, signBytes } from '../support/cosign.ts'
import { issueCertificate } from '../support/signing-certificate.ts'

const image = `sha256:${'ab'.repeat(32)}`
const otherImage = `sha256:${'cd'.repeat(32)}`
const signer = newSigner()
const stranger = newSigner()
const payload = payloadOf(image, 'registry.example.com/app')
const trust = (...signers: readonly Signer[]): KeyAuthority =>
  keysOnly(signers.map((one, i) => ({ ...publicKeyFromPem(one.publicPem, `key${i}.pub`), name: `key${i}.pub` })))
const failedStep = ({ steps }: Verdict) => steps.find(({ outcome }) => outcome === 'failed')
const names = ({ steps }: Verdict) => steps.map(({ step, outcome }) => `${step} ${outcome}`)

describe('verifySimpleSigning', () => {
  for (const kind of ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519'] satisfies SignerKind[]) {
    it(`verifies what a trusted ${kind} key signed`, () => {
      const mine = newSigner(kind)
      const verdict = verifySimpleSigning(image, layerOf(mine, payload), trust(mine))
      expect(verdict.verified).to.equal(true)
      expect(names(verdict)).to.deep.equal(['format ok', 'purpose ok', 'image ok', 'signature ok'])
    })
  }

  it('says by which of several keys', () => {
    const { signer: by, key, fault } = verifySimpleSigning(image, layerOf(signer, payload), trust(stranger, signer))
    expect([by, key?.name, fault]).to.deep.equal(['the key in key1.pub (ECDSA P-256)', 'key1.pub', undefined])
  })

  it('tells under which name the image was signed, and does not judge it', () => {
    const verdict = verifySimpleSigning(image, layerOf(signer, payloadOf(image, 'elsewhere.example.com/x')), trust(signer))
    expect(verdict.verified).to.equal(true)
    expect(verdict.steps.find(({ step }) => step === 'image')?.note).to.equal('signed as elsewhere.example.com/x')
  })

  it('rejects a signature by a key that is not trusted', () => {
    const verdict = verifySimpleSigning(image, layerOf(stranger, payload), trust(signer))
    expect(verdict).to.include({ verified: false, fault: 'otherKey', signer: 'an unknown key' })
    expect(failedStep(verdict)).to.include({ step: 'signature', expected: 'one by the key in key0.pub', actual: 'one by an unknown key' })
  })

  it('rejects a signature of another image, and says that a trusted key made it', () => {
    const verdict = verifySimpleSigning(otherImage, layerOf(signer, payload), trust(signer))
    expect(verdict).to.include({ verified: false, fault: 'otherImage', signer: 'the key in key0.pub (ECDSA P-256)' })
    expect(failedStep(verdict)).to.include({ step: 'image', expected: otherImage, actual: image })
  })

  it('rejects a digest in upper case', () => {
    const upper = payloadOf(image.toUpperCase().replace('SHA256', 'sha256'), 'r')
    expect(verifySimpleSigning(image, layerOf(signer, upper), trust(signer)).fault).to.equal('otherImage')
  })

  it('rejects a payload that was changed after signing', () => {
    const layer = layerOf(signer, payloadOf(otherImage, 'r'))
    const verdict = verifySimpleSigning(image, { ...layer, payload: payloadOf(image, 'r') }, trust(signer))
    expect(verdict).to.include({ verified: false, fault: 'otherKey' })
  })

  it('rejects another critical type, which cosign lets through', () => {
    const changed = Buffer.from(payload.toString().replace('cosign container image signature', 'atomic container signature'))
    const verdict = verifySimpleSigning(image, layerOf(signer, changed), trust(signer))
    expect(verdict).to.include({ verified: false, fault: 'malformed' })
    expect(failedStep(verdict)).to.include({ step: 'purpose', actual: 'atomic container signature' })
  })

  for (const [title, annotations, problem] of [
    ['no signature annotation', {}, /dev\.cosignproject\.cosign\/signature is not a string/],
    ['an empty signature, as an attestation has it', { 'dev.cosignproject.cosign/signature': '' }, /not base64/],
    ['a signature that is not base64', { 'dev.cosignproject.cosign/signature': '!' }, /not base64/],
  ] as const) {
    it(`rejects ${title}`, () => {
      const verdict = verifySimpleSigning(image, { payload, annotations }, trust(signer))
      expect(verdict.fault).to.equal('malformed')
      expect(failedStep(verdict)?.actual).to.match(problem)
    })
  }

  it('judges nothing without keys, and never verifies', () => {
    const verdict = verifySimpleSigning(image, layerOf(signer, payload), trust())
    expect(verdict).to.include({ verified: false, fault: 'nobodyTrusted', signer: 'an unknown key' })
    expect(names(verdict).at(-1)).to.equal('signature notChecked')
  })

  describe('with a log entry', () => {
    const signature = signBytes(signer, payload)
    const withEntry = (body: Buffer) => ({
      payload,
      annotations: { 'dev.cosignproject.cosign/signature': signature.toString('base64'), ...logAnnotation(body) },
    })

    it('verifies when the entry is about the signature, and says that the log was not asked', () => {
      const verdict = verifySimpleSigning(image, withEntry(hashedRekord(payload, signature, signer.publicPem)), trust(signer))
      expect(verdict.verified).to.equal(true)
      expect(names(verdict).slice(3)).to.deep.equal(['signature ok', 'logEntry ok', 'logInclusion notChecked'])
    })

    for (const [title, body] of [
      ['of another signature', hashedRekord(payload, signBytes(signer, payload), signer.publicPem)],
      ['of another payload', hashedRekord(Buffer.from('else'), signature, signer.publicPem)],
      ['by another key', hashedRekord(payload, signature, stranger.publicPem)],
      ['that cannot be compared', Buffer.from('{"kind":"helm","apiVersion":"0.0.1","spec":{}}')],
    ] as const) {
      it(`rejects an entry ${title}`, () => {
        const verdict = verifySimpleSigning(image, withEntry(body), trust(signer))
        expect(verdict).to.include({ verified: false, fault: 'logEntry', signer: 'the key in key0.pub (ECDSA P-256)' })
        expect(failedStep(verdict)?.step).to.equal('logEntry')
      })
    }

    it('names the key of the entry when nobody is trusted', () => {
      const verdict = verifySimpleSigning(image, withEntry(hashedRekord(payload, signature, signer.publicPem)), trust())
      expect(verdict).to.include({ fault: 'nobodyTrusted', signer: `the key SHA256:${signer.fingerprint}` })
    })

    it('says that the signature was altered when the key of its own entry does not verify it', () => {
      const verdict = verifySimpleSigning(image, withEntry(hashedRekord(payload, signature, stranger.publicPem)), trust())
      expect(verdict).to.include({ verified: false, fault: 'altered' })
    })

    it('says so too when that is the trusted key', () => {
      const broken = signBytes(stranger, payload)
      const annotations = {
        'dev.cosignproject.cosign/signature': broken.toString('base64'),
        ...logAnnotation(hashedRekord(payload, broken, signer.publicPem)),
      }
      expect(verifySimpleSigning(image, { payload, annotations }, trust(signer))).to.include({ verified: false, fault: 'altered' })
    })

    it('rejects an annotation that is not what cosign writes', () => {
      const layer = layerOf(signer, payload, { 'dev.sigstore.cosign/bundle': '{"Payload":{}}' })
      expect(verifySimpleSigning(image, layer, trust(signer))).to.include({ verified: false, fault: 'malformed' })
    })
  })

  describe('with a certificate', () => {
    const { pem } = issueCertificate({ signer, email: 'alice@example.com', issuer: 'https://accounts.example.com' })

    it('names its holder when nobody is trusted', () => {
      const verdict = verifySimpleSigning(image, layerOf(signer, payload, { 'dev.sigstore.cosign/certificate': pem }), trust())
      expect(verdict).to.include({
        fault: 'nobodyTrusted',
        signer: 'the certificate of alice@example.com (issuer https://accounts.example.com)',
      })
    })

    it('says that the signature was altered when its own certificate does not verify it', () => {
      const verdict = verifySimpleSigning(image, layerOf(stranger, payload, { 'dev.sigstore.cosign/certificate': pem }), trust())
      expect(verdict.fault).to.equal('altered')
    })

    it('rejects it under the keys that were given, and names the holder', () => {
      const verdict = verifySimpleSigning(image, layerOf(signer, payload, { 'dev.sigstore.cosign/certificate': pem }), trust(stranger))
      expect(verdict).to.include({ verified: false, fault: 'otherKey' })
      expect(failedStep(verdict)?.actual).to.match(/the certificate of alice@example\.com/)
    })

    it('rejects a bare key in its place (GHSA-fx35-mq7g-6g98)', () => {
      const layer = layerOf(signer, payload, { 'dev.sigstore.cosign/certificate': signer.publicPem })
      expect(verifySimpleSigning(image, layer, trust(signer)).fault).to.equal('malformed')
    })
  })

  it('never verifies when any one bit of payload or signature is another', () => {
    const layer = layerOf(signer, payload)
    const signature = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature'] ?? '', 'base64')
    const flip = (bytes: Buffer, bit: number) => {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      return changed
    }
    fc.assert(
      fc.property(fc.nat(payload.length * 8 - 1), fc.nat(signature.length * 8 - 1), fc.boolean(), (a, b, which) => {
        const changed = which
          ? { ...layer, payload: flip(payload, a) }
          : { ...layer, annotations: { 'dev.cosignproject.cosign/signature': flip(signature, b).toString('base64') } }
        expect(verifySimpleSigning(image, changed, trust(signer)).verified).to.equal(false)
      }),
      { numRuns: 300 },
    )
  })
})
