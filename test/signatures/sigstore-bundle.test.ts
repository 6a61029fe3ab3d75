import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed } from '../../src/signatures/malformed.ts'
import { parseBundle } from '../../src/signatures/sigstore-bundle.ts'
import { bundleBytes, bundleOf, bundleType, hashedRekord, inTotoType, logEntryOf, newSigner, statementOf } from '../support/cosign.ts'

const signer = newSigner()
const good = bundleOf(signer, statementOf(`sha256:${'ab'.repeat(32)}`))
const message = {
  messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') },
  signature: Buffer.from('signature').toString('base64'),
}
const { dsseEnvelope, verificationMaterial: material } = good
const messageBundle = { mediaType: bundleType, verificationMaterial: material, messageSignature: message }
const parse = (bundle: object) => parseBundle(bundleBytes(bundle))

describe('parseBundle', () => {
  it('reads a DSSE bundle that is signed by a key', () => {
    const { signer: by, content, logEntries, timestamps } = parse(good)
    expect(by).to.deep.equal({ kind: 'key', hint: signer.fingerprint })
    expect(content).to.include({ kind: 'envelope', payloadType: inTotoType })
    expect([logEntries, timestamps]).to.deep.equal([[], []])
  })

  it('reads a message signature', () => {
    const { content } = parse(messageBundle)
    expect(content).to.deep.equal({
      kind: 'message',
      digestAlgorithm: 'SHA2_256',
      digest: Buffer.alloc(32),
      signature: Buffer.from('signature'),
    })
  })

  it('reads log entries and timestamps', () => {
    const body = hashedRekord(Buffer.from('a'), Buffer.from('b'), signer.publicPem)
    const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] }
    const { logEntries, timestamps } = parse({
      ...good,
      verificationMaterial: { ...material, tlogEntries: [logEntryOf(body)], timestampVerificationData },
    })
    expect(logEntries).to.deep.equal([
      {
        kind: 'hashedrekord',
        version: '0.0.1',
        body,
        logId: Buffer.alloc(32),
        logIndex: '7',
        integratedTime: '1700000000',
        promise: Buffer.from('MEUCIQ==', 'base64'),
        proof: {
          logIndex: '7',
          treeSize: '8',
          rootHash: Buffer.alloc(32),
          hashes: [],
          checkpoint: 'log\n8\nAAAA\n\n— log AAAAAAA=\n',
        },
      },
    ])
    expect(timestamps).to.deep.equal([Buffer.from('AAAA', 'base64')])
  })

  it('reads a certificate, alone and as the first of a chain', () => {
    const rawBytes = Buffer.from('leaf').toString('base64')
    const certificate = { certificate: { rawBytes } }
    expect(parse({ ...good, verificationMaterial: certificate }).signer).to.deep.equal({
      kind: 'certificate',
      der: Buffer.from('leaf'),
      chain: [],
    })
    const chain = { x509CertificateChain: { certificates: [{ rawBytes }, { rawBytes: 'AAAA' }] } }
    const old = { ...good, mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2', verificationMaterial: chain }
    expect(parse(old).signer).to.deep.equal({ kind: 'certificate', der: Buffer.from('leaf'), chain: [Buffer.from('AAAA', 'base64')] })
  })

  for (const version of ['0.1', '0.2', '0.3']) {
    it(`takes version ${version} in its old media type`, () => {
      const mediaType = `application/vnd.dev.sigstore.bundle+json;version=${version}`
      expect(parse({ ...good, mediaType }).mediaType).to.equal(mediaType)
    })
  }

  const withEnvelope = (change: object) => ({ ...good, dsseEnvelope: { ...dsseEnvelope, ...change } })
  const withMaterial = (change: object) => ({ ...good, verificationMaterial: { ...material, ...change } })
  const [signature] = dsseEnvelope.signatures
  const refused: readonly [title: string, bundle: object, problem: RegExp][] = [
    ['a list', [], /not a JSON object/],
    ['no media type', { ...good, mediaType: undefined }, /mediaType is not a string/],
    ['a version that does not exist', { ...good, mediaType: 'application/vnd.dev.sigstore.bundle.v0.9+json' }, /no known version/],
    ['a version with more behind it', { ...good, mediaType: `${bundleType}; charset=utf-8` }, /no known version/],
    ['no verification material', { ...good, verificationMaterial: undefined }, /verificationMaterial is not/],
    ['neither key nor certificate', withMaterial({ publicKey: undefined }), /not exactly one of publicKey/],
    [
      'a key and a certificate, of which each reader would take another',
      withMaterial({ certificate: { rawBytes: 'AAAA' } }),
      /not exactly one of publicKey/,
    ],
    ['a hint that is no string', withMaterial({ publicKey: { hint: 1 } }), /hint is not a string/],
    ['a certificate that is empty', withMaterial({ publicKey: undefined, certificate: { rawBytes: '' } }), /the certificate is not base64/],
    [
      'a chain in version 0.3',
      withMaterial({ publicKey: undefined, x509CertificateChain: { certificates: [{ rawBytes: 'AAAA' }] } }),
      /incomplete: version 0\.3 needs a certificate without a chain/,
    ],
    ['a chain without certificates', withMaterial({ publicKey: undefined, x509CertificateChain: {} }), /has no certificates/],
    ['neither envelope nor message', { ...good, dsseEnvelope: undefined }, /not exactly one of dsseEnvelope/],
    ['an envelope and a message', { ...good, messageSignature: message }, /not exactly one of dsseEnvelope/],
    ['no signature', withEnvelope({ signatures: [] }), /not exactly one signature/],
    ['two signatures', withEnvelope({ signatures: [signature, signature] }), /not exactly one signature/],
    [
      'a signature that is not strict base64',
      withEnvelope({ signatures: [{ sig: `${signature?.sig.slice(0, -4)}!!!!` }] }),
      /the signature is not base64/,
    ],
    ['a payload that is not strict base64', withEnvelope({ payload: `${dsseEnvelope.payload} ` }), /the payload is not base64/],
    ['no payload type', withEnvelope({ payloadType: undefined }), /payloadType is not a string/],
    ['a message without digest', { ...messageBundle, messageSignature: { signature: 'AAAA' } }, /messageDigest is not/],
    [
      'a message with an unknown algorithm',
      { ...messageBundle, messageSignature: { ...message, messageDigest: { algorithm: 'MD5', digest: 'AAAA' } } },
      /the digest of the message is a "MD5"/,
    ],
    ['log entries that are no list', withMaterial({ tlogEntries: {} }), /log entries is not a list/],
    [
      'a log entry without proof in version 0.3',
      withMaterial({ tlogEntries: [{ ...logEntryOf(Buffer.from('{}')), inclusionProof: undefined }] }),
      /incomplete: .*inclusionProof/,
    ],
    [
      'a log entry without promise in version 0.1',
      {
        ...withMaterial({ tlogEntries: [{ ...logEntryOf(Buffer.from('{}')), inclusionPromise: undefined }] }),
        mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      },
      /incomplete: .*inclusionPromise/,
    ],
    [
      'a log entry without kind',
      withMaterial({ tlogEntries: [{ ...logEntryOf(Buffer.from('{}')), kindVersion: undefined }] }),
      /kindVersion is not/,
    ],
    ['more than 32 log entries', withMaterial({ tlogEntries: Array(33).fill(logEntryOf(Buffer.from('{}'))) }), /more than 32 log entries/],
    ['timestamps that are no object', withMaterial({ timestampVerificationData: [] }), /timestampVerificationData is not a JSON object/],
    [
      'more than 32 timestamps',
      withMaterial({ timestampVerificationData: { rfc3161Timestamps: Array(33).fill({ signedTimestamp: 'AAAA' }) } }),
      /more than 32 timestamps/,
    ],
    ['null where an object belongs', withMaterial({ tlogEntries: [null] }), /a log entry is not/],
  ]
  for (const [title, bundle, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => parse(bundle)).to.throw(Malformed, problem)
    })
  }

  it('refuses a name twice', () => {
    const text = bundleBytes(good).toString().replace('"payloadType":', '"payloadType":"text/plain","payloadType":')
    expect(() => parseBundle(Buffer.from(text))).to.throw(Malformed, 'twice')
  })

  it('gives a bundle or Malformed for any change of one field, and nothing else', () => {
    const body = hashedRekord(Buffer.from('a'), Buffer.from('b'), signer.publicPem)
    const whole = {
      ...good,
      verificationMaterial: {
        ...material,
        tlogEntries: [logEntryOf(body)],
        timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: 'AAAA' }] },
      },
    }
    fc.assert(
      fc.property(fc.nat(), fc.jsonValue(), (choice, value) => {
        let seen = -1
        let paths = 0
        JSON.stringify(whole, (_, inner) => {
          paths++
          return inner
        })
        const changed = JSON.stringify(whole, (_, inner) => (++seen === choice % paths ? value : inner)) ?? ''
        try {
          parseBundle(Buffer.from(changed))
        } catch (error) {
          expect(error).to.be.instanceOf(Malformed)
        }
      }),
      { numRuns: 500 },
    )
  })
})
