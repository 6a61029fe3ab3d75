import { expect } from 'chai'
import type { TrustStore } from '../../../src/policy/notation/trust-store.ts'
import type { NotationInput } from '../../../src/signatures/notation/verify-notation.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import {
  codeSigning,
  distributionPoints,
  extension,
  type Issued,
  type IssueOptions,
  issue,
  issueAuthority,
  issueCrl,
  pairOf,
  subjectOf,
  timeStamping,
} from '../../support/certificate-authority.ts'
import { der, explicit, octets, oid, sequence } from '../../support/der-writer.ts'
import {
  attributeOids,
  chainOf,
  cose,
  coseEnvelope,
  inputOf,
  jws,
  jwsEnvelope,
  policyOf,
  storeOf,
  type TokenOptions,
  timestampToken,
  tsaOf,
} from '../../support/notation.ts'

const chain = chainOf({ notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-04-01T00:00:00Z' }, { notAfter: '2030-01-01T00:00:00Z' })
const root = chain[1]!
const tsa = tsaOf()
const policy = policyOf({ trustStores: ['ca:acme', 'tsa:clock'] })
const storesWith = (tsaRoot: Issued): readonly TrustStore[] => [storeOf('ca', 'acme', root), storeOf('tsa', 'clock', tsaRoot)]

const check = (envelope: Buffer, mediaType: string, change: Partial<NotationInput> = {}) =>
  verifyNotation(inputOf(envelope, mediaType, root, { policy, trustStores: storesWith(tsa[1]!), ...change }))
const stepOf = (outcome: ReturnType<typeof check>) => outcome.steps.find(step => step.check === 'authenticTimestamp')
const timestamped = (options: TokenOptions = {}, change: Partial<NotationInput> = {}) => {
  const own = options.tsa ?? tsa
  const envelope = jwsEnvelope({ chain, token: signature => timestampToken(signature, { ...options, tsa: own }) })
  return check(envelope, jws, { trustStores: storesWith(own.at(-1)!), ...change })
}

describe('the time of a signature without a timestamp', () => {
  const alone = policyOf()
  const at = (time: string, change: Partial<NotationInput> = {}) =>
    stepOf(check(jwsEnvelope({ chain }), jws, { policy: alone, at: new Date(time), ...change }))
  for (const [time, result] of [
    ['2025-12-31T23:59:59.999Z', 'failed'],
    ['2026-01-01T00:00:00Z', 'ok'],
    ['2026-04-01T00:00:00Z', 'ok'],
    ['2026-04-01T00:00:00.001Z', 'failed'],
  ] as const) {
    it(`is now, and the chain must be valid: ${result} at ${time}`, () => {
      expect(at(time)?.result).to.equal(result)
    })
  }

  it('is what the signing authority signed, under its scheme', () => {
    const sa = policyOf({ trustStores: ['signingAuthority:acme', 'tsa:clock'] })
    for (const [signingTime, result] of [
      ['2026-03-31T00:00:00Z', 'ok'],
      ['2026-04-02T00:00:00Z', 'failed'],
      ['2025-12-31T00:00:00Z', 'failed'],
    ] as const) {
      const envelope = jwsEnvelope({ chain, scheme: 'notary.x509.signingAuthority', signingTime })
      const trustStores = [storeOf('signingAuthority', 'acme', root), storeOf('tsa', 'clock', tsa[1]!)]
      expect(stepOf(check(envelope, jws, { policy: sa, trustStores }))?.result, signingTime).to.equal(result)
    }
  })

  it('is not what a signer says of itself', () => {
    expect(stepOf(check(jwsEnvelope({ chain, signingTime: '2026-02-01T00:00:00Z' }), jws, { policy: alone }))?.result).to.equal('failed')
  })
})

describe('the timestamp of a signature', () => {
  it('proves that the chain was valid then, in both formats', () => {
    const token = (signature: Buffer) => timestampToken(signature, { tsa })
    for (const outcome of [check(jwsEnvelope({ chain, token }), jws), check(coseEnvelope({ chain, token }), cose)]) {
      expect(outcome.verdict).to.equal('verified')
      expect(stepOf(outcome)?.note).to.equal('timestamped at 2026-03-01T00:00:05Z by CN=tsa,O=acme,ST=WA,C=US')
      expect(outcome.claim?.timestamp?.authority).to.equal('CN=tsa,O=acme,ST=WA,C=US')
    }
  })

  it('must be there when the policy names a tsa store', () => {
    const outcome = check(jwsEnvelope({ chain }), jws, { at: new Date('2026-02-01T00:00:00Z') })
    expect(stepOf(outcome)?.error?.actual).to.equal('the envelope has none')
    expect(outcome.verdict).to.equal('failed')
  })

  it('is asked for after the chain has expired only, with afterCertExpiry', () => {
    const lazy = policyOf({ trustStores: ['ca:acme', 'tsa:clock'], verifyTimestamp: 'afterCertExpiry' })
    expect(stepOf(check(jwsEnvelope({ chain }), jws, { policy: lazy, at: new Date('2026-02-01T00:00:00Z') }))?.result).to.equal('ok')
    expect(stepOf(check(jwsEnvelope({ chain }), jws, { policy: lazy }))?.error?.actual).to.equal('the envelope has none')
  })

  it('is of this signature, not of another', () => {
    const token = () => timestampToken(Buffer.from('another'), { tsa })
    expect(stepOf(check(jwsEnvelope({ chain, token }), jws))?.error?.actual).to.equal('the timestamp is of another message')
  })

  const times: readonly [time: string, options: TokenOptions, result: string][] = [
    ['the first moment', { time: '2026-01-01T00:00:00Z' }, 'ok'],
    ['a moment before the first', { time: '2025-12-31T23:59:59Z' }, 'failed'],
    ['the last moment', { time: '2026-04-01T00:00:00Z' }, 'ok'],
    ['a fraction after the last', { time: '2026-04-01T00:00:00Z', fraction: '.001' }, 'failed'],
    ['a thousandth of a thousandth after the last', { time: '2026-04-01T00:00:00Z', fraction: '.000001' }, 'failed'],
    ['a second before the last, give or take one', { time: '2026-03-31T23:59:59Z', accuracy: { seconds: 1 } }, 'ok'],
    ['the last, give or take a millisecond', { time: '2026-04-01T00:00:00Z', accuracy: { millis: 1 } }, 'failed'],
    ['the first, give or take a microsecond', { time: '2026-01-01T00:00:00Z', accuracy: { micros: 1 } }, 'failed'],
    ['the last, under the policy whose accuracy is a second', { time: '2026-04-01T00:00:00Z', policy: '0.4.0.2023.1.1' }, 'failed'],
    [
      'the last, under that policy and said to be exact to the millisecond',
      { time: '2026-03-31T23:59:59Z', policy: '0.4.0.2023.1.1', accuracy: { millis: 1 } },
      'ok',
    ],
  ]
  for (const [what, options, result] of times) {
    it(`at ${what} of the chain: ${result}`, () => {
      expect(stepOf(timestamped(options))?.result).to.equal(result)
    })
  }

  const authorities: readonly [what: string, leaf: IssueOptions, fault: RegExp | undefined][] = [
    ['with an RSA key', { pair: pairOf('RSA 2048', 'tsa') }, undefined],
    ['that is for code too', { purposes: [timeStamping, codeSigning] }, /for timestamps and nothing else/],
    ['whose purpose is not critical', { purposesCritical: false }, /for timestamps and nothing else/],
    ['that is for code', { purposes: [codeSigning] }, /is not for timestamps$/],
    [
      'that had expired then',
      { notAfter: '2026-02-01T00:00:00Z' },
      /is valid until 2026-02-01T00:00:00Z, and the timestamp is of 2026-03-01/,
    ],
    ['that is not valid yet then', { notBefore: '2026-04-01T00:00:00Z' }, /is valid from 2026-04-01T00:00:00Z/],
    ['that is an authority', { ca: true, keyUsage: ['digitalSignature', 'keyCertSign'] }, /is that of an authority/],
    [
      'with a critical extension that nobody knows',
      { extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] },
      /critical extension 1\.2\.3\.4/,
    ],
    [
      'with critical names that nobody knows',
      { extensions: [extension('2.5.29.17', true, sequence(der(0xa4, sequence())))] },
      /critical subjectAltName that is not understood$/,
    ],
    ['signed with SHA-1', { hash: 'sha1' }, /leads to no root/],
  ]
  for (const [what, leaf, fault] of authorities) {
    it(`by an authority ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = stepOf(timestamped({ tsa: tsaOf(leaf) }))
      if (fault === undefined) expect(found?.result).to.equal('ok')
      else expect(found?.error?.actual).to.match(fault)
    })
  }

  const tokens: readonly [what: string, options: TokenOptions, fault: RegExp | undefined][] = [
    ['whose attributes are sent in another order than they are signed', { sent: list => list.toReversed() }, undefined],
    ['of SignedData version 1', { versions: { data: 1 } }, /SignedData of version 1, not 3$/],
    ['of a signer of version 3', { versions: { signer: 3 } }, /of version 3, not 1$/],
    ['of TSTInfo version 2', { versions: { info: 2 } }, /^TSTInfo is of version 2/],
    ['that signs no content-type', { attributes: { [attributeOids.contentType]: undefined } }, /no signed content-type$/],
    [
      'that signs another content-type',
      { attributes: { [attributeOids.contentType]: oid('1.2.3') } },
      /content-type of the token is another$/,
    ],
    ['that signs no message-digest', { attributes: { [attributeOids.messageDigest]: undefined } }, /no signed message-digest$/],
    [
      'that signs another message-digest',
      { attributes: { [attributeOids.messageDigest]: octets(Buffer.alloc(32)) } },
      /message-digest of the token is another$/,
    ],
    ['that names no certificate', { attributes: { [attributeOids.signingCertificateV2]: undefined } }, /no signed signing-certificate-v2$/],
    [
      'that names another certificate',
      { attributes: { [attributeOids.signingCertificateV2]: sequence(sequence(sequence(octets(Buffer.alloc(32))))) } },
      /has the hash of another$/,
    ],
    ['with an attribute twice', { list: list => [...list, list[0]!] }, /is there twice$/],
    ['without attributes', { list: () => [] }, /has no signed attributes$/],
  ]
  for (const [what, options, fault] of tokens) {
    it(`${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const found = stepOf(timestamped(options))
      if (fault === undefined) expect(found?.result).to.equal('ok')
      else expect(found?.error?.actual).to.match(fault)
    })
  }

  const tsaRoot = (options: IssueOptions = {}) =>
    issueAuthority({ subject: subjectOf('tsa root'), pair: pairOf('P-256', 'tsa root'), ...options })
  const between = (top: Issued, options: IssueOptions = {}) =>
    issueAuthority({ subject: subjectOf('between'), pair: pairOf('P-256', 'between'), issuer: top, ...options })
  const leafOf = (issuer: Issued, options: IssueOptions = {}) =>
    issue({ subject: subjectOf('tsa'), pair: pairOf('P-256', 'tsa'), issuer, purposes: [timeStamping], purposesCritical: true, ...options })

  const paths: readonly [what: string, top: IssueOptions, middle: IssueOptions, fault: RegExp | undefined][] = [
    ['of three', {}, {}, undefined],
    ['whose authorities are for timestamps', { purposes: [timeStamping] }, { purposes: [timeStamping, codeSigning] }, undefined],
    ['whose authorities are for anything', { purposes: ['2.5.29.37.0'] }, { purposes: ['2.5.29.37.0'] }, undefined],
    ['with an authority for code', {}, { purposes: [codeSigning] }, /CN=between,.+ is not for timestamps$/],
    ['with a root for code', { purposes: [codeSigning] }, {}, /CN=tsa root,.+ is not for timestamps$/],
    ['with an authority that had expired', {}, { notAfter: '2026-02-01T00:00:00Z' }, /CN=between,.+ is valid until/],
    ['with a root that had expired', { notAfter: '2026-02-01T00:00:00Z' }, {}, /CN=tsa root,.+ is valid until/],
    [
      'with a critical extension in an authority',
      {},
      { extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] },
      /critical extension/,
    ],
    ['longer than its root allows', { pathLength: 0 }, {}, /may have 0 authorities below it, and has 1$/],
    ['through one that may not sign', {}, { keyUsage: ['cRLSign'] }, /leads to no root/],
  ]
  for (const [what, top, middle, fault] of paths) {
    it(`with a path ${what}: ${fault === undefined ? 'good' : 'refused'}`, () => {
      const first = tsaRoot(top)
      const second = between(first, middle)
      const own = leafOf(second)
      const found = stepOf(timestamped({ tsa: [own, second, first], certificates: [second, own] }, { trustStores: storesWith(first) }))
      if (fault === undefined) expect(found?.result).to.equal('ok')
      else expect(found?.error?.actual).to.match(fault)
    })
  }

  it('is refused when an authority constrains names and its certificate has some', () => {
    const constraints = extension('2.5.29.30', true, sequence(explicit(0, sequence(der(0x82, Buffer.from('example.com'))))))
    const first = tsaRoot()
    const second = between(first, { extensions: [constraints] })
    for (const [extensions, result] of [
      [[], 'ok'],
      [[extension('2.5.29.17', false, sequence(der(0x82, Buffer.from('example.com'))))], 'failed'],
    ] as const)
      expect(stepOf(timestamped({ tsa: [leafOf(second, { extensions }), second, first] }))?.result).to.equal(result)
  })

  it('is refused when its root stands in the token alone', () => {
    const found = stepOf(timestamped({}, { trustStores: storesWith(tsaRoot({ pair: pairOf('P-256', 'another root') })) }))
    expect(found?.error?.actual).to.match(/leads to no root of the tsa trust stores$/)
  })

  it('is refused when it is no token, or has bytes after its end', () => {
    for (const token of [
      () => Buffer.from('no'),
      (signature: Buffer) => Buffer.concat([timestampToken(signature, { tsa }), Buffer.alloc(1)]),
    ])
      expect(stepOf(check(jwsEnvelope({ chain, token }), jws))?.result).to.equal('failed')
  })

  it('is not checked while the revocation list of its authority is missing, and then does not let the signature count', () => {
    const url = 'http://tsa.example.com/crl'
    const revocable = tsaOf({ extensions: [extension('2.5.29.31', false, distributionPoints([url]))] })
    const without = timestamped({ tsa: revocable })
    expect(stepOf(without)?.result).to.equal('notChecked')
    expect(without.verdict).to.equal('failed')
    const crls = (revoked: readonly Issued[]) => [
      {
        file: 'tsa.crl',
        urlHash: undefined,
        delta: undefined,
        base: issueCrl({ issuer: revocable[1]!, revoked: revoked.map(certificate => ({ certificate })) }),
      },
    ]
    expect(timestamped({ tsa: revocable }, { crls: crls([]) }).verdict).to.equal('verified')
    const revoked = timestamped({ tsa: revocable }, { crls: crls([revocable[0]!]) })
    expect(stepOf(revoked)?.error?.actual).to.match(/^the timestamping certificate of CN=tsa,.+ was revoked at 2026-02-01/)
    expect(revoked.verdict).to.equal('failed')
  })
})
