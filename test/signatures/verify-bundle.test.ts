import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { type KeyAuthority, keysOnly } from '../../src/signatures/authority.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import {
  bundleBytes,
  bundleOf,
  bundleType,
  hashedRekord,
  logEntryOf,
  newSigner,
  paeOf,
  type Signer,
  type SignerKind,
  signBytes,
  statementOf,
} from '../support/cosign.ts'
import { issueCertificate } from '../support/signing-certificate.ts'

const manifestBytes = Buffer.from('{"schemaVersion":2}')
const image = sha256(manifestBytes)
const otherImage = `sha256:${'cd'.repeat(32)}`
const signer = newSigner()
const stranger = newSigner()
const trust = (...signers: readonly Signer[]): KeyAuthority =>
  keysOnly(signers.map((one, i) => ({ ...publicKeyFromPem(one.publicPem, `key${i}.pub`), name: `key${i}.pub` })))
const verify = (bundle: object, authority: KeyAuthority = trust(signer), manifest = () => manifestBytes as Uint8Array) =>
  verifyBundle(image, { bundle: bundleBytes(bundle), manifest }, authority)
const failedStep = ({ steps }: Verdict) => steps.find(({ outcome }) => outcome === 'failed')
const good = bundleOf(signer, statementOf(image))

describe('verifyBundle', () => {
  for (const kind of ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519'] satisfies SignerKind[]) {
    it(`verifies what a trusted ${kind} key signed`, () => {
      const mine = newSigner(kind)
      const verdict = verify(bundleOf(mine, statementOf(image)), trust(mine))
      expect(verdict.steps.map(({ step, outcome }) => `${step} ${outcome}`)).to.deep.equal([
        'format ok',
        'purpose ok',
        'image ok',
        'signature ok',
      ])
      expect(verdict.verified).to.equal(true)
    })
  }

  it('takes any of several keys, whatever the hint says', () => {
    const hinted = { ...good, verificationMaterial: { publicKey: { hint: stranger.fingerprint } } }
    expect(verify(hinted, trust(stranger, signer))).to.include({ verified: true, signer: 'the key in key1.pub (ECDSA P-256)' })
  })

  it('rejects a key that is not trusted, and names it by its hint', () => {
    const verdict = verify(good, trust(stranger))
    expect(verdict).to.include({ verified: false, fault: 'otherKey', signer: `the key SHA256:${signer.fingerprint}` })
  })

  it('says that a signature was altered when it names a trusted key that does not verify it', () => {
    const signatures = [{ sig: signBytes(stranger, Buffer.from('x')).toString('base64') }]
    expect(verify({ ...good, dsseEnvelope: { ...good.dsseEnvelope, signatures } })).to.include({ verified: false, fault: 'altered' })
  })

  it('rejects a signature of another image', () => {
    const verdict = verify(bundleOf(signer, statementOf(otherImage)))
    expect(verdict).to.include({ verified: false, fault: 'otherImage', signer: 'the key in key0.pub (ECDSA P-256)' })
    expect(failedStep(verdict)).to.include({ step: 'image', expected: image, actual: otherImage })
  })

  it('takes a statement of several subjects of which one is the image', () => {
    const { subject } = statementOf(otherImage) as { subject: object[] }
    const two = { ...statementOf(image), subject: [...subject, { digest: { sha256: image.slice(7) } }] }
    expect(verify(bundleOf(signer, two)).verified).to.equal(true)
  })

  for (const [title, digest] of [
    ['in upper case', { sha256: image.slice(7).toUpperCase() }],
    ['under another algorithm', { sha512: image.slice(7) }],
    ['with its algorithm in it', { sha256: image }],
    ['that is only the beginning', { sha256: image.slice(7, 40) }],
  ] as const) {
    it(`rejects the digest ${title}`, () => {
      expect(verify(bundleOf(signer, { ...statementOf(image), subject: [{ digest }] })).fault).to.equal('otherImage')
    })
  }

  it('does not take an attestation for a signature, as cosign 3 does', () => {
    const verdict = verify(bundleOf(signer, statementOf(image, 'https://slsa.dev/provenance/v1')))
    expect(verdict).to.include({ verified: false, fault: 'notASignature' })
    expect(failedStep(verdict)).to.include({ step: 'purpose', actual: 'https://slsa.dev/provenance/v1' })
  })

  it('judges nothing without keys', () => {
    expect(verify(good, trust())).to.include({ verified: false, fault: 'nobodyTrusted', signer: `the key SHA256:${signer.fingerprint}` })
  })

  it('rejects what is no bundle', () => {
    expect(verifyBundle(image, { bundle: Buffer.from('<html>'), manifest: () => manifestBytes }, trust(signer))).to.include({
      verified: false,
      fault: 'malformed',
    })
  })

  describe('with a certificate', () => {
    const { der } = issueCertificate({ signer, email: 'alice@example.com', issuer: 'https://i.example' })
    const certified = { ...good, verificationMaterial: { certificate: { rawBytes: der.toString('base64') } } }

    it('rejects it where keys are trusted, even when the certificate is for such a key', () => {
      const verdict = verify(certified)
      expect(verdict).to.include({
        verified: false,
        fault: 'otherKey',
        signer: 'the certificate of alice@example.com (issuer https://i.example)',
      })
    })
    it('names its holder when nobody is trusted', () => {
      expect(verify(certified, trust())).to.include({
        fault: 'nobodyTrusted',
        signer: 'the certificate of alice@example.com (issuer https://i.example)',
      })
    })
    it('says that the signature was altered when the certificate does not verify it', () => {
      const { der: foreign } = issueCertificate({ signer: stranger, email: 'x@example.com' })
      expect(verify({ ...good, verificationMaterial: { certificate: { rawBytes: foreign.toString('base64') } } }, trust()).fault).to.equal(
        'altered',
      )
    })
  })

  describe('with log entries', () => {
    const payload = Buffer.from(good.dsseEnvelope.payload, 'base64')
    const signed = paeOf(good.dsseEnvelope.payloadType, payload)
    const signature = Buffer.from(good.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    const withEntries = (...bodies: readonly Buffer[]) => ({
      ...good,
      verificationMaterial: { ...good.verificationMaterial, tlogEntries: bodies.map(body => logEntryOf(body)) },
    })
    const right = hashedRekord(signed, signature, signer.publicPem)

    it('verifies when all are about the signature', () => {
      const { verified, steps } = verify(withEntries(right))
      expect(verified).to.equal(true)
      expect(steps.at(-1)).to.include({ step: 'logInclusion', outcome: 'notChecked' })
    })
    for (const [title, wrong] of [
      ['another signature', hashedRekord(signed, signBytes(signer, signed), signer.publicPem)],
      ['other bytes', hashedRekord(payload, signature, signer.publicPem)],
      ['another key', hashedRekord(signed, signature, stranger.publicPem)],
    ] as const) {
      it(`rejects it when one is about ${title}`, () => {
        expect(verify(withEntries(right, wrong))).to.include({ verified: false, fault: 'logEntry' })
      })
    }
    it('tells that timestamps were not looked at', () => {
      const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] }
      const { verified, steps } = verify({ ...good, verificationMaterial: { ...good.verificationMaterial, timestampVerificationData } })
      expect([verified, steps.at(-1)?.step]).to.deep.equal([true, 'timestamp'])
    })
  })

  describe('of a message signature', () => {
    const messageOf = (mine: Signer, bytes: Uint8Array, algorithm = 'SHA2_256', hash = 'sha256') => ({
      mediaType: bundleType,
      verificationMaterial: { publicKey: { hint: mine.fingerprint } },
      messageSignature: {
        messageDigest: { algorithm, digest: createHash(hash).update(bytes).digest('base64') },
        signature: signBytes(mine, bytes).toString('base64'),
      },
    })
    for (const kind of ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519'] satisfies SignerKind[]) {
      it(`verifies what a trusted ${kind} key signed: the manifest's bytes`, () => {
        const mine = newSigner(kind)
        expect(verify(messageOf(mine, manifestBytes), trust(mine)).verified).to.equal(true)
      })
    }
    it('takes SHA-512 as the digest', () => {
      expect(verify(messageOf(signer, manifestBytes, 'SHA2_512', 'sha512')).verified).to.equal(true)
    })
    it('rejects a signature of other bytes', () => {
      const verdict = verify(messageOf(signer, Buffer.from('else')))
      expect(verdict).to.include({ verified: false, fault: 'otherImage' })
      expect(failedStep(verdict)?.expected).to.equal(image)
    })
    it('rejects a digest that fits with a signature that does not', () => {
      const { messageSignature, ...rest } = messageOf(signer, manifestBytes)
      const signature = signBytes(signer, Buffer.from('else')).toString('base64')
      expect(verify({ ...rest, messageSignature: { ...messageSignature, signature } })).to.include({ verified: false, fault: 'altered' })
    })
    it('rejects a signature that fits with a digest that does not, which the library takes', () => {
      const { messageSignature, ...rest } = messageOf(signer, manifestBytes)
      const messageDigest = { algorithm: 'SHA2_256', digest: createHash('sha256').update('else').digest('base64') }
      expect(verify({ ...rest, messageSignature: { ...messageSignature, messageDigest } })).to.include({
        verified: false,
        fault: 'otherImage',
      })
    })
    it('lets through that the manifest cannot be had: that says nothing of the signature', () => {
      const missing = () => {
        throw new PreflightError('FACT_MISSING', 'gone')
      }
      expect(() => verify(messageOf(signer, manifestBytes), trust(signer), missing)).to.throw(PreflightError, 'gone')
    })
  })

  it('asks for the manifest only when a message signature needs it', () => {
    const never = () => {
      throw new Error('asked')
    }
    expect(verify(good, trust(signer), never).verified).to.equal(true)
  })

  it('never verifies when one bit of the bundle is another, unless it says the same', () => {
    const bytes = bundleBytes(good)
    const meaning = (text: Uint8Array) => {
      const { mediaType, dsseEnvelope } = JSON.parse(Buffer.from(text).toString())
      return [
        mediaType,
        dsseEnvelope.payloadType,
        Buffer.from(dsseEnvelope.payload, 'base64'),
        Buffer.from(dsseEnvelope.signatures[0].sig, 'base64'),
      ].join()
    }
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), bit => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3]! ^= 1 << (bit & 7)
        const { verified } = verifyBundle(image, { bundle: changed, manifest: () => manifestBytes }, trust(signer))
        if (verified) expect(meaning(changed)).to.equal(meaning(bytes))
      }),
      { numRuns: 1000 },
    )
  })
})
