import { expect } from 'chai'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import { type CborInput, cbor, raw, tagged } from '../../support/cbor-writer.ts'
import { chainOf, cose, coseEnvelope, epoch, inputOf, jws, jwsEnvelope, payloadType, prefix } from '../../support/notation.ts'

const chain = chainOf()
const faultOfEnvelope = (envelope: Uint8Array, mediaType: string): string | undefined => {
  const { steps, verdict } = verifyNotation(inputOf(envelope, mediaType, chain[1]!))
  const fault = steps.find(({ check }) => check === 'integrity')?.error?.actual
  expect(verdict).to.equal(fault === undefined ? 'verified' : 'failed')
  return fault
}
const scheme = `${prefix}signingScheme`
const signingTime = `${prefix}signingTime`
const authentic = `${prefix}authenticSigningTime`
const expiry = `${prefix}expiry`
const plugin = `${prefix}verificationPlugin`
const minVersion = `${prefix}verificationPluginMinVersion`
const time = '2026-03-01T00:00:00Z'

/** The rules that both formats share: changes to the protected header, times as texts that each format writes in its way. */
const shared: readonly [what: string, header: Readonly<Record<string, unknown>>, fault: RegExp | undefined][] = [
  ['an attribute that is not critical', { 'com.example.note': 'x' }, undefined],
  ['no crit', { crit: undefined }, /^crit is missing or empty$/],
  ['an empty crit', { crit: [] }, /^crit is missing or empty$/],
  ['the scheme not critical', { crit: [expiry], [expiry]: '2026-12-01T00:00:00Z' }, /^io\.cncf\.notary\.signingScheme must be critical/],
  ['an expiry that is not critical', { [expiry]: '2026-12-01T00:00:00Z' }, /^io\.cncf\.notary\.expiry must be critical/],
  ['a critical attribute that is not there', { crit: [scheme, expiry] }, /^the attribute "io\.cncf\.notary\.expiry" is critical/],
  ['a critical attribute twice', { crit: [scheme, scheme] }, /^crit names an attribute twice$/],
  [
    'a critical attribute that nobody knows',
    { crit: [scheme, 'com.example.key'], 'com.example.key': 'x' },
    /^the attribute "com\.example\.key" is critical/,
  ],
  ['a plugin', { crit: [scheme, plugin], [plugin]: 'a.plugin' }, /^it asks for the verification plugin "a\.plugin"/],
  ['a plugin that is not critical', { [plugin]: 'a.plugin' }, /^it asks for the verification plugin "a\.plugin"/],
  ['a version of a plugin', { [minVersion]: '1.0.0' }, /^it asks for a version of a verification plugin/],
  ['no signing scheme', { [scheme]: undefined }, /^the signing scheme "" is not known$/],
  ['another signing scheme', { [scheme]: 'notary.x509.other' }, /^the signing scheme "notary\.x509\.other" is not known$/],
  ['a scheme of the prototype', { [scheme]: '__proto__' }, /is not known$/],
  ['no signing time', { [signingTime]: undefined }, /^io\.cncf\.notary\.signingTime is missing/],
  ["Go's zero time", { [signingTime]: '0001-01-01T00:00:00Z' }, /^io\.cncf\.notary\.signingTime is missing/],
  ['the time of the other scheme too', { [authentic]: time }, /^io\.cncf\.notary\.authenticSigningTime may not be there/],
  [
    'the authority, and its time not critical',
    { [scheme]: 'notary.x509.signingAuthority', [signingTime]: undefined, [authentic]: time },
    /^io\.cncf\.notary\.authenticSigningTime must be critical/,
  ],
  [
    'the authority, and the time of a signer',
    { [scheme]: 'notary.x509.signingAuthority', crit: [scheme, authentic], [authentic]: time },
    /^io\.cncf\.notary\.signingTime may not be there/,
  ],
  ['an expiry at the signing time', { crit: [scheme, expiry], [expiry]: time }, /^it expires before it was signed/],
  ['an expiry after it', { crit: [scheme, expiry], [expiry]: '2026-12-01T00:00:00Z' }, undefined],
]

describe('the signed attributes of a JWS envelope', () => {
  const own: typeof shared = [
    ['another content type', { cty: 'application/json' }, /^the payload is a application\/json/],
    ['no content type', { cty: undefined }, /^the payload is of no type/],
    ['another algorithm of its kind', { alg: 'ES384' }, /signed with the algorithm "ES384", and its ECDSA P-256 key takes ES256$/],
    ['no signature at all', { alg: 'none' }, /algorithm "none"/],
    ['an algorithm that is no text', { alg: 256 }, /^alg of the protected header is not text$/],
    ['no algorithm', { alg: undefined }, /algorithm ""/],
    ['crit that names the algorithm', { crit: [scheme, 'alg'] }, /^the attribute "alg" is critical/],
    ['crit that names the content type', { crit: [scheme, 'cty'] }, /^the attribute "cty" is critical/],
    ['crit that names the signing time, which notation takes in COSE alone', { crit: [scheme, signingTime] }, /signingTime" is critical/],
    ['crit that is no list', { crit: scheme }, /^crit is not a list$/],
    ['crit with a number', { crit: [scheme, 1] }, /^crit names something that is not text$/],
    ['a time with an offset', { [signingTime]: '2026-03-01T08:00:00+08:00' }, undefined],
    ['a time without a zone', { [signingTime]: '2026-03-01T00:00:00' }, /is not a time \(RFC 3339\)$/],
    ['a date that no calendar has', { [signingTime]: '2026-02-30T00:00:00Z' }, /is not a time/],
    ['a time as a number', { [signingTime]: 1 }, /is not text$/],
    ['a name in another case', { 'io.cncf.notary.Expiry': '2020-01-01T00:00:00Z' }, /which some read as another name$/],
    ['a name with a letter that folds', { 'io.cncf.notary.\u017figningTime': time }, /which some read as another name$/],
  ]
  for (const [what, header, fault] of [...shared, ...own]) {
    it(`with ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = faultOfEnvelope(jwsEnvelope({ chain, header }), jws)
      if (fault === undefined) expect(found).to.equal(undefined)
      else expect(found).to.match(fault)
    })
  }

  const texts: readonly [what: string, change: Parameters<typeof jwsEnvelope>[0], fault: RegExp | undefined][] = [
    ['a field twice', { protectedText: '{"alg":"ES256","alg":"ES256"}' }, /names "alg" twice$/],
    ['a header that is no JSON', { protectedText: '{' }, /^the protected header is not JSON/],
    ['a header that is a list', { protectedText: '[]' }, /^the protected header is not a JSON object$/],
    ['a header deeper than any', { protectedText: '['.repeat(100_000) }, /^the protected header is not JSON: .+nested deeper/],
    ['a payload that is no JSON', { payload: Buffer.from('no') }, /^the payload is not JSON/],
    ['a payload that is a list', { payload: Buffer.from('[]') }, /^the payload is not a JSON object$/],
    ['a payload without a target', { payload: Buffer.from('{}') }, /^the target artifact is not a JSON object$/],
    ['a payload with two targets', { payload: Buffer.from('{"targetArtifact":{},"targetArtifact":{}}') }, /twice$/],
    ['a target in another case', { payload: Buffer.from('{"TargetArtifact":{}}') }, /which some read as another name$/],
    [
      'a size with a fraction',
      { payload: Buffer.from('{"targetArtifact":{"mediaType":"a","digest":"b","size":1.0}}') },
      /size .+ not a whole number$/,
    ],
    ['a size as text', { payload: Buffer.from('{"targetArtifact":{"mediaType":"a","digest":"b","size":"1"}}') }, /not a whole number$/],
    ['a payload that is not UTF-8', { payload: Buffer.from([0x22, 0xff, 0x22]) }, /^the payload is not JSON in UTF-8$/],
    ['no header', { envelope: { header: undefined } }, /^the unprotected header is not a JSON object$/],
    ['no payload', { envelope: { payload: undefined } }, /^the envelope has no payload$/],
    ['no signature', { envelope: { signature: undefined } }, /^the envelope has no signature$/],
    ['an empty signature', { envelope: { signature: '' } }, /^the signature is empty$/],
    ['a signature with padding', { envelope: { signature: 'AA==' } }, /^the signature is not base64url$/],
    ['a signature with bits to spare', { envelope: { signature: 'AB' } }, /^the signature is not base64url$/],
    ['a short signature', { envelope: { signature: 'AAAA' } }, /does not verify/],
    ['another payload', { envelope: { payload: Buffer.from('{}').toString('base64url') } }, /does not verify/],
    ['more beside it, which Go passes over', { envelope: { comment: 'x' } }, undefined],
    ['the payload in another case too', { envelope: { Payload: 'e30' } }, /"Payload", which some read as another name$/],
    ['no certificates', { unsigned: { x5c: [] } }, /^there is no certificate in it$/],
    ['a certificate in base64url', { unsigned: { x5c: ['_-_-'] } }, /^a certificate of x5c is not base64$/],
    ['bytes that are no certificate', { unsigned: { x5c: ['AAAA'] } }, /^the certificate /],
    ['a number as a certificate', { unsigned: { x5c: [1] } }, /^x5c holds something that is not text$/],
    ['more certificates than any chain', { unsigned: { x5c: Array<string>(17).fill('AAAA') } }, /^x5c has more than 16 certificates$/],
    [
      'line breaks in a certificate, as in Go',
      { unsigned: { x5c: chain.map(({ der }) => der.toString('base64').replace(/.{64}/g, '$&\n')) } },
      undefined,
    ],
    ['a timestamp that is no base64', { unsigned: { [`${prefix}timestampSignature`]: '?' } }, /^the timestamp token is not base64$/],
  ]
  for (const [what, change, fault] of texts) {
    it(`with ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = faultOfEnvelope(jwsEnvelope({ chain, ...change }), jws)
      if (fault === undefined) expect(found).to.equal(undefined)
      else expect(found).to.match(fault)
    })
  }

  it('with bytes after its end, or a byte order mark: refused', () => {
    const envelope = jwsEnvelope({ chain })
    expect(faultOfEnvelope(Buffer.concat([envelope, Buffer.from('{}')]), jws)).to.match(/^the envelope is not JSON/)
    expect(faultOfEnvelope(Buffer.concat([Buffer.from('\ufeff'), envelope]), jws)).to.match(/^the envelope is not JSON/)
    expect(faultOfEnvelope(Buffer.concat([envelope, Buffer.from(' \n')]), jws)).to.equal(undefined)
  })
})

describe('the signed attributes of a COSE envelope', () => {
  /** As the shared table has them, in CBOR. */
  const inCbor = (header: Readonly<Record<string, unknown>>) =>
    Object.entries(header).map(([name, value]): readonly [CborInput, CborInput | undefined] => {
      const label = { alg: 1, crit: 2, cty: 3 }[name] ?? name
      const isTime = [signingTime, authentic, expiry].includes(name) && typeof value === 'string'
      return [label, isTime ? epoch(value) : (value as CborInput | undefined)]
    })
  for (const [what, header, fault] of shared) {
    it(`with ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = faultOfEnvelope(coseEnvelope({ chain, header: inCbor(header) }), cose)
      if (fault === undefined) expect(found).to.equal(undefined)
      else expect(found).to.match(fault)
    })
  }

  type Change = Parameters<typeof coseEnvelope>[0]
  const header = (label: CborInput, value: CborInput | undefined): Change => ({ header: [[label, value]] })
  const own: readonly [what: string, change: Change, fault: RegExp | undefined][] = [
    ['another content type', header(3, 'application/json'), /^the payload is a application\/json/],
    ['a content type that is a number', header(3, 50), /^the content type is not text$/],
    ['no content type', header(3, undefined), /^the content type is not text$/],
    ['another algorithm of its kind', header(1, -35), /signed with the algorithm -35, and its ECDSA P-256 key takes ES256$/],
    ['an algorithm as text', header(1, 'ES256'), /algorithm undefined/],
    ['an algorithm as a float', header(1, raw('f9c700')), /algorithm undefined/],
    ['no algorithm', header(1, undefined), /algorithm undefined/],
    ['crit that names the algorithm', header(2, [scheme, 1]), /^the attribute "label 1" is critical/],
    ['crit that names the signing time', header(2, [scheme, signingTime]), undefined],
    ['crit that is no list', header(2, scheme), /^crit is not a list$/],
    ['crit with bytes', header(2, [scheme, Buffer.from('x')]), /^crit names something that is no label$/],
    ['a time without its tag', header(signingTime, 1_772_323_200), /is not a time in tag 1$/],
    ['a time in tag 0', header(signingTime, tagged(0, time)), /is not a time in tag 1$/],
    ['a time in another tag', header(signingTime, tagged(2, 1_772_323_200)), /is not a time in tag 1$/],
    ['a time as text in tag 1', header(signingTime, tagged(1, time)), /is not a time in tag 1$/],
    ['a time that no date knows', header(signingTime, tagged(1, 2n ** 63n)), /is not a time in tag 1$/],
    ['a time that is not a number', header(signingTime, tagged(1, raw('f97e00'))), /is not a time in tag 1$/],
    ['a time with a fraction, as in Go', header(signingTime, tagged(1, raw('fb41da68e200600000'))), undefined],
    ['a header that is a list', { protectedBytes: cbor([]) }, /^the protected header is not a map$/],
    ['an empty header', { protectedBytes: Buffer.alloc(0) }, /^the protected header is cut off$/],
    ['bytes after the header', { protectedBytes: Buffer.from('a000', 'hex') }, /^the protected header has 1 bytes after its end$/],
    ['a label twice', { protectedBytes: Buffer.from('a201260126', 'hex') }, /has the key "1" twice$/],
    ['a header of indefinite length', { protectedBytes: Buffer.from('bf0126ff', 'hex') }, /indefinite length/],
    ['countersignatures', { unsigned: [[11, Buffer.alloc(1)]] }, /^the label 11 is not read here$/],
    ['crit in the unprotected header', { unsigned: [[2, [scheme]]] }, /^crit is not in the protected header$/],
    ['the algorithm in both headers', { unsigned: [[1, -7]] }, /^the label 1 is in both headers$/],
    ['a key identifier', { unsigned: [[4, Buffer.from('k')]] }, undefined],
    ['a key identifier that is text', { unsigned: [[4, 'k']] }, /^kid is not a byte string$/],
    ['a bare certificate', { unsigned: [[33, chain[0]!.der]] }, /^x5chain is not a list$/],
    ['no certificates', { unsigned: [[33, []]] }, /^there is no certificate in it$/],
    ['a certificate as text', { unsigned: [[33, ['x']]] }, /^x5chain holds something that is not a byte string$/],
    ['more certificates than any chain', { unsigned: [[33, Array<Buffer>(17).fill(Buffer.alloc(1))]] }, /^x5chain has more than 16/],
    ['a timestamp as text', { unsigned: [[`${prefix}timestampSignature`, 'x']] }, /^the timestamp token is not a byte string$/],
    ['an agent that is no text, which Go passes over', { unsigned: [[`${prefix}signingAgent`, 1]] }, undefined],
    ['labels that look like those of the prototype', { unsigned: [['__proto__', 'x']] }, undefined],
    [
      'no payload in it',
      { assemble: p => cbor(tagged(18, [p.protectedBytes, p.unsigned, null, p.signature])) },
      /^the payload is not in the envelope$/,
    ],
    [
      'no signature',
      { assemble: p => cbor(tagged(18, [p.protectedBytes, p.unsigned, p.payload, Buffer.alloc(0)])) },
      /^the signature is not in the/,
    ],
    [
      'no tag',
      { assemble: p => cbor([p.protectedBytes, p.unsigned, p.payload, p.signature]) },
      /^the envelope is not a tagged COSE_Sign1$/,
    ],
    [
      'the tag of COSE_Sign',
      { assemble: p => cbor(tagged(98, [p.protectedBytes, p.unsigned, p.payload, p.signature])) },
      /^the envelope is not a tagged/,
    ],
    [
      'its tag in two bytes',
      { assemble: p => Buffer.concat([Buffer.from('d812', 'hex'), cbor([p.protectedBytes, p.unsigned, p.payload, p.signature])]) },
      /^the envelope is not a tagged/,
    ],
    [
      'a fifth part',
      { assemble: p => cbor(tagged(18, [p.protectedBytes, p.unsigned, p.payload, p.signature, 1])) },
      /^the envelope is not a tagged/,
    ],
    [
      'a protected header that is not in bytes',
      { assemble: p => cbor(tagged(18, [raw(p.protectedBytes), p.unsigned, p.payload, p.signature])) },
      /^the protected header is not a byte string$/,
    ],
    [
      'bytes after its end',
      { assemble: p => Buffer.concat([cbor(tagged(18, [p.protectedBytes, p.unsigned, p.payload, p.signature])), Buffer.alloc(1)]) },
      /^the envelope has 1 bytes after its end$/,
    ],
    [
      'the length of the payload in more bytes than it takes, as in Go',
      {
        assemble: p => {
          const long = Buffer.alloc(5)
          long[0] = 0x5a
          long.writeUInt32BE(p.payload.length, 1)
          return cbor(tagged(18, [p.protectedBytes, p.unsigned, raw(long, p.payload), p.signature]))
        },
      },
      undefined,
    ],
    [
      'a payload that says to be larger than the world',
      { assemble: p => cbor(tagged(18, [p.protectedBytes, p.unsigned, raw('5bffffffffffffffff'), p.signature])) },
      /^the envelope is cut off$/,
    ],
  ]
  for (const [what, change, fault] of own) {
    it(`with ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = faultOfEnvelope(coseEnvelope({ chain, ...change }), cose)
      if (fault === undefined) expect(found).to.equal(undefined)
      else expect(found).to.match(fault)
    })
  }

  it('is signed with everything in its protected header, in the order that it came', () => {
    const reversed = new Map<CborInput, CborInput>([
      [signingTime, epoch(time)],
      [scheme, 'notary.x509'],
      [3, payloadType],
      [2, [scheme]],
      [1, -7],
    ])
    expect(faultOfEnvelope(coseEnvelope({ chain, protectedBytes: cbor(reversed) }), cose)).to.equal(undefined)
  })
})
