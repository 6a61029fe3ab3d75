import { expect } from 'chai'
import fc from 'fast-check'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { payloadOf, statementOf } from '../support/cosign.ts'
import { issueSigner, newDeployment } from '../support/sigstore/deployment.ts'
import { oid } from '../support/sigstore/der.ts'
import { annotationsOf, signBundle } from '../support/sigstore/signatures.ts'
import { image, jsonBytes, manifest, rootWith, trustAlice } from '../support/sigstore/trust.ts'

const here = newDeployment()
const trust = trustAlice(rootWith(here))
const signer = issueSigner(here)
const rekor1 = signBundle(here, signer, statementOf(image)).bundle
const rekor2 = signBundle(here, signer, statementOf(image), { logs: ['rekor2'], stamps: [{ certificates: [here.tsa.der] }] }).bundle
const verify = (bundle: object): Verdict => verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => manifest }, trust)

type Path = readonly (string | number)[]
const at = (value: unknown, path: Path): unknown => path.reduce((inner, name) => (inner as Record<string, unknown>)[name], value)
const replaced = (value: unknown, [name, ...rest]: Path, by: unknown): unknown => {
  if (name === undefined) return by
  if (Array.isArray(value)) return value.with(name as number, replaced(value[name as number], rest, by))
  return { ...(value as object), [name]: replaced((value as Record<string, unknown>)[name], rest, by) }
}

/** All bits with INTEROP=full; else a prime's share of them, so that every position within bytes and structures comes along. */
const stride = process.env.INTEROP === 'full' ? 1 : 97
const flippedEach = (bytes: Uint8Array, look: (flipped: Buffer, bit: number) => void): number => {
  let count = 0
  for (let bit = bytes.length % stride; bit < bytes.length * 8; bit += stride) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    look(flipped, bit)
    count++
  }
  return count
}

const entry: Path = ['verificationMaterial', 'tlogEntries', 0]
const stampPath: Path = ['verificationMaterial', 'timestampVerificationData', 'rfc3161Timestamps', 0, 'signedTimestamp']
const base64Parts: readonly [title: string, path: Path][] = [
  ['signature', ['dsseEnvelope', 'signatures', 0, 'sig']],
  ['payload', ['dsseEnvelope', 'payload']],
  ['certificate', ['verificationMaterial', 'certificate', 'rawBytes']],
  ['log entry', [...entry, 'canonicalizedBody']],
  ['log ID', [...entry, 'logId', 'keyId']],
  ['root hash', [...entry, 'inclusionProof', 'rootHash']],
  ['proof', [...entry, 'inclusionProof', 'hashes', 1]],
]

describe('a flipped bit', function () {
  this.timeout(process.env.INTEROP === 'full' ? 600_000 : 20_000)

  for (const [name, bundle] of [
    ['Rekor 1', rekor1],
    ['Rekor 2', rekor2],
  ] as const) {
    it(`starts from a bundle of ${name} that is verified`, () => {
      expect(verify(bundle).verified).to.equal(true)
    })
    const parts: readonly [title: string, path: Path][] =
      name === 'Rekor 1' ? [...base64Parts, ['promise', [...entry, 'inclusionPromise', 'signedEntryTimestamp']]] : base64Parts
    for (const [title, path] of parts) {
      it(`in the ${title} of a bundle of ${name} is never verified`, () => {
        const bytes = Buffer.from(String(at(bundle, path)), 'base64')
        const count = flippedEach(bytes, (flipped, bit) => {
          expect(verify(replaced(bundle, path, flipped.toString('base64')) as object).verified, `bit ${bit}`).to.equal(false)
        })
        expect(count).to.be.at.least(2)
      })
    }
    it(`in the checkpoint of a bundle of ${name} is never verified`, () => {
      const path: Path = [...entry, 'inclusionProof', 'checkpoint', 'envelope']
      flippedEach(Buffer.from(String(at(bundle, path))), (flipped, bit) => {
        const text = flipped.toString()
        // What base64 leaves over behind the last byte of a hash or signature says nothing.
        const says = (note: string) => note.split(/[ \n]/).map(word => Buffer.from(word, 'base64').toString('hex'))
        if (!flipped.equals(Buffer.from(text)) || `${says(text)}` === `${says(String(at(bundle, path)))}`) return
        expect(verify(replaced(bundle, path, text) as object).verified, `bit ${bit}`).to.equal(false)
      })
    })
  }

  for (const [title, path] of [
    ['time of the log entry', [...entry, 'integratedTime']],
    ['index of the log entry', [...entry, 'logIndex']],
    ['index of the proof', [...entry, 'inclusionProof', 'logIndex']],
    ['size of the tree', [...entry, 'inclusionProof', 'treeSize']],
  ] as const) {
    it(`in the ${title} is never verified`, () => {
      const text = String(at(rekor1, path))
      for (let bit = 0; bit < text.length * 8; bit++) {
        const flipped = Buffer.from(text)
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        expect(verify(replaced(rekor1, path, flipped.toString('latin1')) as object).verified, `bit ${bit}`).to.equal(false)
      }
    })
  }

  it('in a timestamp is verified only where nothing is signed, and then says the same', () => {
    const bytes = Buffer.from(String(at(rekor2, stampPath)), 'base64')
    const { witnesses } = verify(rekor2)
    const own = bytes.indexOf(here.tsa.der)
    // What is signed: the content from its type on, up to the certificates; the attributes from the first on, and the signature.
    const signed = [
      [bytes.indexOf(oid('1.2.840.113549.1.9.16.1.4')), own - 4],
      [bytes.indexOf(oid('1.2.840.113549.1.9.3')) - 2, bytes.length],
    ] as const
    flippedEach(bytes, (flipped, bit) => {
      const verdict = verify(replaced(rekor2, stampPath, flipped.toString('base64')) as object)
      if (!verdict.verified) return
      expect(verdict.witnesses).to.deep.equal(witnesses)
      for (const [from, to] of signed) expect(bit >> 3 >= from && bit >> 3 < to, `bit ${bit}`).to.equal(false)
    })
  })

  it('in the annotations of cosign 2 is never verified, unless it says the same', () => {
    const payload = payloadOf(image, 'registry.example.com/plugin')
    const good = annotationsOf(here, signer, payload)
    const look = (annotations: Readonly<Record<string, string>>, bytes: Uint8Array = payload) =>
      verifySimpleSigning(image, { payload: bytes, annotations }, trust).verified
    expect(look(good)).to.equal(true)
    flippedEach(payload, (flipped, bit) => expect(look(good, flipped), `payload, bit ${bit}`).to.equal(false))
    const same = (name: string, text: string): boolean => {
      const meaning = (value: string) => {
        if (!name.endsWith('bundle')) return Buffer.from(value.replace(/-----[^-]*-----/g, ''), 'base64').toString('hex')
        const { SignedEntryTimestamp: promise, Payload: body } = JSON.parse(value)
        return JSON.stringify([Buffer.from(promise, 'base64'), { ...body, body: Buffer.from(body.body, 'base64') }])
      }
      try {
        return meaning(text) === meaning(good[name] ?? '')
      } catch {
        return false
      }
    }
    for (const name of ['dev.cosignproject.cosign/signature', 'dev.sigstore.cosign/certificate', 'dev.sigstore.cosign/bundle']) {
      flippedEach(Buffer.from(good[name] ?? ''), (flipped, bit) => {
        const text = flipped.toString()
        if (look({ ...good, [name]: text })) expect(same(name, text), `${name}, bit ${bit}`).to.equal(true)
      })
    }
  })

  it('or any other change of the text of a bundle ends as a verdict, never otherwise', () => {
    const text = jsonBytes(rekor2)
    const signed = (bytes: Uint8Array) => {
      const { dsseEnvelope, verificationMaterial } = JSON.parse(Buffer.from(bytes).toString())
      const { payload, payloadType, signatures } = dsseEnvelope
      const parts = [payload, signatures[0].sig, verificationMaterial.certificate.rawBytes]
      return [payloadType, ...parts.map(part => Buffer.from(part, 'base64').toString('hex'))].join()
    }
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), changes => {
        const changed = Buffer.from(text)
        for (const [place, byte] of changes) changed[place] = byte
        const { verified, fault } = verifyBundle(image, { bundle: changed, manifest: () => manifest }, trust)
        if (verified) expect(signed(changed)).to.equal(signed(text))
        else expect(fault).to.be.a('string')
      }),
      { numRuns: process.env.INTEROP === 'full' ? 20_000 : 400 },
    )
  })
})
