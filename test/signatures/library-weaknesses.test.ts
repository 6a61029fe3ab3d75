import { createHash } from 'node:crypto'
import { bundleFromJSON } from '@sigstore/bundle'
import { crypto } from '@sigstore/core'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { verifyTLogBody } from '@sigstore/verify/dist/tlog/index.js'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { keysOnly } from '../../src/signatures/authority.ts'
import { contradiction } from '../../src/signatures/log-contradiction.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import {
  bundleBytes,
  bundleOf,
  bundleType,
  hashedRekord,
  inTotoType,
  logEntryOf,
  newSigner,
  paeOf,
  type Signer,
  signBytes,
  statementOf,
} from '../support/cosign.ts'
import { issueCertificate } from '../support/signing-certificate.ts'

const manifest = Buffer.from('{"schemaVersion":2}')
const image = sha256(manifest)
const signer = newSigner()

/** @sigstore/verify as a caller would use it that trusts a key and asks for no log. */
const libraryTakes = (bundle: object, { publicPem }: Signer, artifact?: Buffer): boolean => {
  try {
    const { key } = publicKeyFromPem(publicPem, 'k')
    const root = TrustedRoot.fromJSON({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs: [] })
    const trust = toTrustMaterial(root, () => ({ publicKey: key, validFor: () => true }))
    new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(
      toSignedEntity(bundleFromJSON(bundle), artifact),
    )
    return true
  } catch {
    return false
  }
}
const weTake = (bundle: object, mine: Signer): boolean =>
  verifyBundle(
    image,
    { bundle: bundleBytes(bundle), manifest: () => manifest },
    keysOnly([{ ...publicKeyFromPem(mine.publicPem, 'k'), name: 'k' }]),
  ).verified

const messageOf = (mine: Signer, digestOf: Uint8Array) => ({
  mediaType: bundleType,
  verificationMaterial: { publicKey: { hint: mine.fingerprint } },
  messageSignature: {
    messageDigest: { algorithm: 'SHA2_256', digest: createHash('sha256').update(digestOf).digest('base64') },
    signature: signBytes(mine, manifest).toString('base64'),
  },
})

/** Each would fail with the library alone: it is why the checks here are our own (versions 4.1.3 and 5.0.1). */
describe('what @sigstore/verify leaves to its caller', () => {
  it('agrees on a bundle that is right', () => {
    expect([
      libraryTakes(bundleOf(signer, statementOf(image)), signer),
      weTake(bundleOf(signer, statementOf(image)), signer),
    ]).to.deep.equal([true, true])
  })

  const p384 = newSigner('P-384')
  const p521 = newSigner('P-521')
  const ed25519 = newSigner('Ed25519')
  const otherImage = `sha256:${'cd'.repeat(32)}`
  const wrong: readonly [title: string, bundle: object, mine: Signer, library: boolean, us: boolean][] = [
    ['takes a statement about another image', bundleOf(signer, statementOf(otherImage)), signer, true, false],
    ['takes an envelope of another payload type', bundleOf(signer, statementOf(image), 'text/plain'), signer, true, false],
    ['takes a statement with another predicate', bundleOf(signer, statementOf(image, 'https://spdx.dev/Document')), signer, true, false],
    ['takes an envelope that holds no statement', bundleOf(signer, { hello: 'world' }), signer, true, false],
    ['takes a message digest of other bytes', messageOf(signer, Buffer.from('else')), signer, true, false],
    [
      'takes a version that does not exist',
      { ...bundleOf(signer, statementOf(image)), mediaType: 'application/vnd.dev.sigstore.bundle.v0.9+json' },
      signer,
      true,
      false,
    ],
    ['refuses an envelope signed with P-384 as cosign 3 signs', bundleOf(p384, statementOf(image)), p384, false, true],
    ['refuses an envelope signed with P-521 as cosign 3 signs', bundleOf(p521, statementOf(image)), p521, false, true],
    ['refuses an envelope signed with Ed25519 as cosign 3 signs', bundleOf(ed25519, statementOf(image)), ed25519, false, true],
    ['refuses a message signed with Ed25519', messageOf(ed25519, manifest), ed25519, false, true],
  ]
  for (const [title, bundle, mine, library, us] of wrong) {
    it(title, () => {
      expect(libraryTakes(bundle, mine, manifest), 'the library').to.equal(library)
      expect(weTake(bundle, mine), 'we').to.equal(us)
    })
  }

  it('takes base64 that is none', () => {
    const good = bundleOf(signer, statementOf(image))
    const sig = `${good.dsseEnvelope.signatures[0]?.sig}****`
    const loose = { ...good, dsseEnvelope: { ...good.dsseEnvelope, signatures: [{ sig }] } }
    expect([libraryTakes(loose, signer), weTake(loose, signer)]).to.deep.equal([true, false])
  })

  it('takes a key and a certificate at once, and picks one', () => {
    const good = bundleOf(signer, statementOf(image))
    const { der } = issueCertificate({ signer: newSigner(), email: 'a@b.c' })
    const both = { ...good, verificationMaterial: { ...good.verificationMaterial, certificate: { rawBytes: der.toString('base64') } } }
    expect([libraryTakes(both, signer), weTake(both, signer)]).to.deep.equal([true, false])
  })

  describe('of a log entry', () => {
    const bundle = bundleOf(signer, statementOf(image))
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
    const signed = paeOf(inTotoType, payload)
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    const key = publicKeyFromPem(signer.publicPem, 'k')
    const libraryCompares = (body: Buffer): boolean => {
      const withEntry = { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [logEntryOf(body)] } }
      const { signature: content, tlogEntries } = toSignedEntity(bundleFromJSON(withEntry))
      try {
        for (const entry of tlogEntries) verifyTLogBody(entry, content)
        return true
      } catch {
        return false
      }
    }
    const weCompare = (body: Buffer): boolean => {
      try {
        return contradiction({ kind: 'hashedrekord', version: '0.0.1', body }, { signature, signed, payload, key }) === undefined
      } catch {
        return false
      }
    }

    it('agrees on an entry that is right', () => {
      const right = hashedRekord(signed, signature, signer.publicPem)
      expect([libraryCompares(right), weCompare(right)]).to.deep.equal([true, true])
    })
    it('takes one by another key', () => {
      const wrong = hashedRekord(signed, signature, newSigner().publicPem)
      expect([libraryCompares(wrong), weCompare(wrong)]).to.deep.equal([true, false])
    })
    it('takes one whose digest is under the name of another algorithm', () => {
      for (const algorithm of ['sha512', 'sha1', 'none']) {
        const wrong = hashedRekord(signed, signature, signer.publicPem, { algorithm })
        expect([libraryCompares(wrong), weCompare(wrong)], algorithm).to.deep.equal([true, false])
      }
    })
  })

  it('makes a public key of a private one', () => {
    const pem = signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(crypto.createPublicKey(pem).type).to.equal('public')
    expect(() => publicKeyFromPem(pem, 'k')).to.throw(PreflightError, 'private key')
  })

  it('throws errors of many kinds', () => {
    for (const json of [null, 1, { mediaType: 1 }, { mediaType: bundleType, verificationMaterial: { tlogEntries: [null] } }]) {
      expect(() => bundleFromJSON(json)).to.throw()
      expect(weTake(json as object, signer)).to.equal(false)
    }
  })
})
