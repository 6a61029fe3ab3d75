import { createHash, generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { contradiction, type Logged } from '../../src/signatures/log-contradiction.ts'
import { type LogEntry, parseLogEntry } from '../../src/signatures/log-entry.ts'
import { Malformed } from '../../src/signatures/malformed.ts'
import { hashedRekord, newSigner, signBytes } from '../support/cosign.ts'

const signer = newSigner()
const other = newSigner()
const signed = Buffer.from('DSSEv1 1 t 7 payload')
const payload = Buffer.from('payload')
const signature = signBytes(signer, signed)
const key = publicKeyFromPem(signer.publicPem, 'k')
const logged: Logged = { signature, signed, payload, key }
const digest = (bytes: Uint8Array, hash = 'sha256') => createHash(hash).update(bytes)
const b64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const spki = (pem: string) => b64(publicKeyFromPem(pem, 'k').spki)

interface Shape {
  readonly signature?: Uint8Array
  readonly signed?: Uint8Array
  readonly payload?: Uint8Array
  readonly pem?: string
  readonly algorithm?: string
}
type Maker = (shape: Shape) => object

const hex = (hash: { algorithm?: string }, bytes: Uint8Array) => ({
  algorithm: hash.algorithm ?? 'sha256',
  value: digest(bytes).digest('hex'),
})
const proto = (hash: { algorithm?: string }, bytes: Uint8Array) => ({
  algorithm: hash.algorithm === undefined ? 'SHA2_256' : 'SHA2_512',
  digest: digest(bytes).digest('base64'),
})
const full = (shape: Shape) => ({ signature, signed, payload, pem: signer.publicPem, ...shape })

/** Each kind of entry that Rekor 1 and 2 make for a signature. */
const makers: Readonly<Record<string, Maker>> = {
  'hashedrekord 0.0.1': shape => {
    const { signature, signed, pem } = full(shape)
    return { data: { hash: hex(shape, signed) }, signature: { content: b64(signature), publicKey: { content: b64(pem) } } }
  },
  'rekord 0.0.1': shape => {
    const { signature, signed, pem } = full(shape)
    return { data: { hash: hex(shape, signed) }, signature: { content: b64(signature), format: 'x509', publicKey: { content: b64(pem) } } }
  },
  'hashedrekord 0.0.2': shape => {
    const { signature, signed, pem } = full(shape)
    return {
      hashedRekordV002: {
        data: proto(shape, signed),
        signature: { content: b64(signature), verifier: { publicKey: { rawBytes: spki(pem) } } },
      },
    }
  },
  'dsse 0.0.1': shape => {
    const { signature, payload, pem } = full(shape)
    return {
      envelopeHash: hex({}, payload),
      payloadHash: hex(shape, payload),
      signatures: [{ signature: b64(signature), verifier: b64(pem) }],
    }
  },
  'dsse 0.0.2': shape => {
    const { signature, payload, pem } = full(shape)
    return {
      dsseV002: {
        payloadHash: proto(shape, payload),
        signatures: [{ content: b64(signature), verifier: { publicKey: { rawBytes: spki(pem) } } }],
      },
    }
  },
  'intoto 0.0.2': shape => {
    const { signature, payload, pem } = full(shape)
    return { content: { payloadHash: hex(shape, payload), envelope: { signatures: [{ sig: b64(b64(signature)), publicKey: b64(pem) }] } } }
  },
}

const entryOf = (name: string, spec: object): LogEntry => {
  const [kind = '', version = ''] = name.split(' ')
  return { kind, version, body: Buffer.from(JSON.stringify({ apiVersion: version, kind, spec })) }
}

for (const [name, make] of Object.entries(makers)) {
  describe(`contradiction of a log entry ${name}`, () => {
    const found = (shape: Shape) => contradiction(entryOf(name, make(shape)), logged)

    it('finds none in the entry of the signature itself', () => {
      expect(found({})).to.equal(undefined)
    })
    it('finds another signature, also a valid one by the same key', () => {
      expect(found({ signature: signBytes(signer, Buffer.from('else')) })?.actual).to.equal('another signature')
    })
    it('finds another digest', () => {
      const changed = found({ signed: Buffer.from('else'), payload: Buffer.from('else') })
      expect(changed?.actual).to.equal(`sha256:${digest(Buffer.from('else')).digest('hex')}`)
      expect(changed?.expected).to.match(/^sha256:[0-9a-f]{64}$/)
    })
    it('finds another key', () => {
      expect(found({ pem: other.publicPem })).to.deep.equal({
        expected: `the key ${signer.fingerprint}`,
        actual: `the key ${other.fingerprint}`,
      })
    })
    it('finds a digest that is under the name of another algorithm', () => {
      expect(found({ algorithm: 'sha512' })?.actual).to.match(/^sha512:/)
    })
  })
}

describe('contradiction', () => {
  const spec = makers['hashedrekord 0.0.1']!({})
  const refused: readonly [title: string, entry: LogEntry, problem: RegExp][] = [
    ['a kind that it does not know', entryOf('helm 0.0.1', spec), /helm 0\.0\.1, which cannot be compared/],
    ['a version that it does not know', entryOf('intoto 0.0.9', spec), /cannot be compared/],
    ['a body of another kind than the bundle says', { ...entryOf('hashedrekord 0.0.1', spec), kind: 'dsse' }, /the bundle says dsse/],
    ['a body that is no JSON', { ...entryOf('dsse 0.0.1', {}), body: Buffer.from('x') }, /not JSON/],
    ['a body without spec', entryOf('dsse 0.0.1', null as never), /spec is not/],
    ['a body that lacks fields', entryOf('hashedrekord 0.0.1', { data: {} }), /no signature/],
    ['a weak digest', entryOf('hashedrekord 0.0.1', makers['hashedrekord 0.0.1']!({ algorithm: 'sha1' })), /algorithm "sha1"/],
    ['two signatures', entryOf('dsse 0.0.1', { ...makers['dsse 0.0.1']!({}), signatures: [{}, {}] }), /not exactly one signature/],
  ]
  for (const [title, entry, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => contradiction(entry, logged)).to.throw(Malformed, problem)
    })
  }

  for (const name of ['__proto__ undefined', 'constructor undefined', 'toString 0.0.1']) {
    it(`refuses the kind ${name.split(' ')[0]}`, () => {
      expect(() => parseLogEntry(entryOf(name, spec))).to.throw(Malformed)
    })
  }

  it('takes SHA-512 where that is what was signed', () => {
    const value = digest(signed, 'sha512').digest('hex')
    const body = hashedRekord(signed, signature, signer.publicPem, { algorithm: 'sha512', value })
    expect(contradiction({ kind: 'hashedrekord', version: '0.0.1', body }, logged)).to.equal(undefined)
  })

  it('finds a certificate where the signer is a key', () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${spki(signer.publicPem)}\n-----END CERTIFICATE-----\n`
    const body = hashedRekord(signed, signature, pem)
    expect(contradiction({ kind: 'hashedrekord', version: '0.0.1', body }, logged)?.actual).to.equal('a certificate')
  })

  it('finds what is no key that cosign uses', () => {
    const { publicKey } = generateKeyPairSync('ed448')
    for (const pem of [publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'no key']) {
      const body = hashedRekord(signed, signature, pem)
      expect(contradiction({ kind: 'hashedrekord', version: '0.0.1', body }, logged)?.actual).to.equal('no key')
    }
  })
})
