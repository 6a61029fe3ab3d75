import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { CrlSource } from '../../../src/policy/notation/crl-source.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import {
  type CrlOptions,
  distributionPoints,
  extension,
  type IssueOptions,
  issue,
  issueAuthority,
  issueCrl,
  pairOf,
  subjectOf,
} from '../../support/certificate-authority.ts'
import { bool, explicit, implicit, integer, sequence } from '../../support/der-writer.ts'
import { type EnvelopeOptions, inputOf, jws, jwsEnvelope, policyOf, storeOf } from '../../support/notation.ts'

const url = 'http://ca.example.com/acme.crl'
const root = issueAuthority()
const urlHash = (text = url): string => createHash('sha256').update(text).digest('hex')
const source = (base: Buffer, more: Partial<CrlSource> = {}): CrlSource => ({
  file: 'acme.crl',
  urlHash: undefined,
  base,
  delta: undefined,
  ...more,
})

const leafWith = (options: IssueOptions) => issue({ issuer: root, ...options })
const revocable = leafWith({ crlUrls: [url] })
const found = (leaf = revocable, crls: readonly CrlSource[] = [], envelope: EnvelopeOptions = {}, policy = policyOf()) => {
  const scheme = envelope.scheme ?? 'notary.x509'
  const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority'
  const outcome = verifyNotation(
    inputOf(jwsEnvelope({ chain: [leaf, root], ...envelope }), jws, root, { crls, policy, trustStores: [storeOf(type, 'acme', root)] }),
  )
  const step = outcome.steps.find(({ check }) => check === 'revocation')!
  return { result: step.result, actual: step.error?.actual, note: step.note, verdict: outcome.verdict }
}
const withCrl = (options: Partial<CrlOptions> = {}, more: Partial<CrlSource> = {}) =>
  found(revocable, [source(issueCrl({ issuer: root, ...options }), more)])

describe('the revocation of a signer', () => {
  it('cannot be asked for, and is none, where the certificate names no way', () => {
    expect(found(leafWith({}))).to.deep.include({ result: 'ok', note: 'no certificate names a revocation list', verdict: 'verified' })
  })
  it('is not checked without the list, which is enforced and so no pass', () => {
    expect(found()).to.deep.include({ result: 'notChecked', verdict: 'failed' })
    expect(found().actual).to.equal(`for the signing certificate of CN=leaf,O=acme,ST=WA,C=US the list of ${url} was not handed in`)
  })
  it('is not checked where only an OCSP responder could say', () => {
    expect(found(leafWith({ ocsp: 'http://ocsp.example.com' })).actual).to.match(/only an OCSP responder could say/)
    expect(found(leafWith({ ocsp: 'http://ocsp.example.com' })).verdict).to.equal('failed')
  })
  it('is checked by the list where a responder is named too', () => {
    expect(found(leafWith({ ocsp: 'http://ocsp.example.com', crlUrls: [url] }), [source(issueCrl({ issuer: root }))]).result).to.equal('ok')
  })
  it('is a warning, or not asked, when the policy says so', () => {
    for (const [override, result] of [
      ['log', 'notChecked'],
      ['skip', 'notChecked'],
    ] as const)
      expect(found(revocable, [], {}, policyOf({ override: { revocation: override } }))).to.deep.include({ result, verdict: 'verified' })
    const revoked = [source(issueCrl({ issuer: root, revoked: [{ certificate: revocable }] }))]
    expect(found(revocable, revoked, {}, policyOf({ override: { revocation: 'skip' } })).actual).to.equal(undefined)
    expect(found(revocable, revoked, {}, policyOf({ override: { revocation: 'log' } }))).to.deep.include({
      result: 'failed',
      verdict: 'verified',
    })
  })
  it('is found in the list of its authority', () => {
    expect(withCrl()).to.deep.include({ result: 'ok', note: 'no certificate is in its revocation list', verdict: 'verified' })
    expect(withCrl({ revoked: [{ certificate: leafWith({}) }] }).result).to.equal('ok')
    const revoked = withCrl({ revoked: [{ certificate: leafWith({}) }, { certificate: revocable }] })
    expect(revoked).to.deep.include({ result: 'failed', verdict: 'failed' })
    expect(revoked.actual).to.equal('the signing certificate of CN=leaf,O=acme,ST=WA,C=US was revoked at 2026-02-01T00:00:00Z')
  })

  const unusable: readonly [what: string, options: Partial<CrlOptions>, why: RegExp][] = [
    ['was signed by somebody else', { signer: pairOf('P-256', 'thief') }, /is not signed by CN=root/],
    ['is of another authority', { issuer: issueAuthority({ subject: subjectOf('other') }) }, /was not handed in$/],
    ['is no longer current', { nextUpdate: '2026-05-31T23:59:59Z' }, /was current until 2026-05-31T23:59:59Z$/],
    ['does not say until when it is current', { nextUpdate: undefined }, /does not say until when/],
    [
      'has a critical extension that nobody knows',
      { extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] },
      /critical extension 1\.2\.3\.4/,
    ],
    ['has its changes elsewhere', { extensions: [extension('2.5.29.46', false, distributionPoints([url]))] }, /changes in another list/],
    ['is of some reasons only', { extensions: [scope({ reasons: true })] }, /was not handed in$/],
    ['is of authorities only', { extensions: [scope({ authorities: true })] }, /was not handed in$/],
    ['is of another place', { extensions: [scope({ url: 'http://ca.example.com/other.crl' })] }, /was not handed in$/],
  ]
  for (const [what, options, why] of unusable) {
    it(`is not checked by a list that ${what}`, () => {
      expect(withCrl(options)).to.deep.include({ result: 'notChecked', verdict: 'failed' })
      expect(withCrl(options).actual).to.match(why)
    })
  }
  for (const [what, extensions] of [
    ['of its place', [scope({ url })]],
    ['of signers only', [scope({ users: true })]],
  ] as const) {
    it(`is checked by a list ${what}`, () => {
      expect(withCrl({ extensions }).result).to.equal('ok')
    })
  }

  it('is not checked by a list of an authority that may not sign lists', () => {
    const silent = issueAuthority({ keyUsage: ['keyCertSign'] })
    const leaf = issue({ issuer: silent, crlUrls: [url] })
    const crls = [source(issueCrl({ issuer: silent }))]
    const { steps } = verifyNotation(inputOf(jwsEnvelope({ chain: [leaf, silent] }), jws, silent, { crls }))
    expect(steps.find(({ check }) => check === 'revocation')?.error?.actual).to.match(/is not signed by CN=root/)
  })
  it('is not checked by bytes that are no list', () => {
    expect(found(revocable, [source(Buffer.from('no'))]).result).to.equal('notChecked')
    const cut = issueCrl({ issuer: root })
    expect(found(revocable, [source(cut.subarray(0, -1))]).result).to.equal('notChecked')
    expect(found(revocable, [source(Buffer.concat([cut, Buffer.alloc(1)]))]).result).to.equal('notChecked')
  })
  it('is checked by the newest of several lists', () => {
    const old = source(issueCrl({ issuer: root, thisUpdate: '2026-01-01T00:00:00Z' }))
    const fresh = source(issueCrl({ issuer: root, thisUpdate: '2026-05-01T00:00:00Z', revoked: [{ certificate: revocable }] }))
    expect(found(revocable, [old, fresh]).result).to.equal('failed')
    expect(found(revocable, [fresh, old]).result).to.equal('failed')
  })
  it('needs the lists of all places that the certificate names', () => {
    const second = 'http://ca.example.com/second.crl'
    const leaf = leafWith({ crlUrls: [url, second] })
    const of = (place: string, revoked = false) =>
      source(issueCrl({ issuer: root, revoked: revoked ? [{ certificate: leaf }] : [] }), { urlHash: urlHash(place) })
    expect(found(leaf, [of(url)]).actual).to.match(/second\.crl was not handed in$/)
    expect(found(leaf, [of(url), of(second)]).result).to.equal('ok')
    expect(found(leaf, [of(url), of(second, true)]).result).to.equal('failed')
    expect(found(leaf, [of(second, true)]).result).to.equal('failed')
  })
  it('knows a list of the cache of notation by its name alone', () => {
    expect(withCrl({}, { urlHash: urlHash() }).result).to.equal('ok')
    expect(withCrl({}, { urlHash: urlHash('http://ca.example.com/other.crl') }).result).to.equal('notChecked')
  })

  const entries: readonly [what: string, revoked: CrlOptions['revoked'], result: string][] = [
    ['for a reason', [{ certificate: revocable, reason: 1 }], 'failed'],
    ['on hold', [{ certificate: revocable, reason: 6 }], 'failed'],
    [
      'on hold, and given back later',
      [
        { certificate: revocable, reason: 6, at: '2026-02-01T00:00:00Z' },
        { certificate: revocable, reason: 8, at: '2026-03-01T00:00:00Z' },
      ],
      'ok',
    ],
    [
      'given back, and on hold later',
      [
        { certificate: revocable, reason: 6, at: '2026-03-01T00:00:00Z' },
        { certificate: revocable, reason: 8, at: '2026-02-01T00:00:00Z' },
      ],
      'failed',
    ],
    [
      'with a critical extension that nobody knows',
      [{ certificate: revocable, extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] }],
      'notChecked',
    ],
  ]
  for (const [what, revoked = [], result] of entries) {
    it(`an entry ${what}: ${result}`, () => {
      expect(withCrl({ revoked }).result).to.equal(result)
    })
  }

  it('does not touch what a trusted service signed before the key went bad', () => {
    const crl = source(issueCrl({ issuer: root, revoked: [{ certificate: revocable, invalidSince: '2026-03-15T00:00:00Z' }] }))
    const sa = policyOf({ trustStores: ['signingAuthority:acme'] })
    const signedBy = (scheme: 'notary.x509' | 'notary.x509.signingAuthority', signingTime: string) =>
      found(revocable, [crl], { scheme, signingTime }, scheme === 'notary.x509' ? policyOf() : sa).result
    expect(signedBy('notary.x509.signingAuthority', '2026-03-14T00:00:00Z')).to.equal('ok')
    expect(signedBy('notary.x509.signingAuthority', '2026-03-16T00:00:00Z')).to.equal('failed')
    // Nobody but the signer says when this was.
    expect(signedBy('notary.x509', '2026-03-14T00:00:00Z')).to.equal('failed')
  })

  describe('with a list of changes', () => {
    const indicator = (number: number) => extension('2.5.29.27', true, integer(number))
    const freshest = extension('2.5.29.46', false, distributionPoints([url]))
    const base = issueCrl({ issuer: root, number: 5, extensions: [freshest] })
    const delta = (number: number, of: number, revoked = false) =>
      issueCrl({ issuer: root, number, extensions: [indicator(of)], revoked: revoked ? [{ certificate: revocable }] : [] })
    for (const [what, changes, result] of [
      ['that has none of it', delta(6, 5), 'ok'],
      ['that has it', delta(6, 5, true), 'failed'],
      ['of a later base', delta(8, 6), 'notChecked'],
      ['that is no newer', delta(5, 5), 'notChecked'],
      ['that is a whole list', issueCrl({ issuer: root, number: 6 }), 'notChecked'],
      [
        'that somebody else signed',
        issueCrl({ issuer: root, number: 6, extensions: [indicator(5)], signer: pairOf('P-256', 'thief') }),
        'notChecked',
      ],
    ] as const) {
      it(`${what}: ${result}`, () => {
        expect(found(revocable, [source(base, { urlHash: urlHash(), delta: changes })]).result).to.equal(result)
      })
    }
    it('puts both together when they are files of their own', () => {
      expect(found(revocable, [source(delta(6, 5)), source(base)]).result).to.equal('ok')
      expect(found(revocable, [source(base), source(delta(6, 5, true))]).result).to.equal('failed')
    })
    it('does not take the changes for the whole', () => {
      expect(found(revocable, [source(delta(6, 5))]).result).to.equal('notChecked')
    })
  })

  it('of an authority counts as well', () => {
    const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root, crlUrls: [url] })
    const leaf = issue({ issuer: middle })
    const crls = [source(issueCrl({ issuer: root, revoked: [{ certificate: middle }] }))]
    const { steps } = verifyNotation(inputOf(jwsEnvelope({ chain: [leaf, middle, root] }), jws, root, { crls }))
    expect(steps.find(({ check }) => check === 'revocation')?.error?.actual).to.match(/CN=middle,.+ was revoked/)
  })
})

/** An issuingDistributionPoint (RFC 5280 5.2.5). */
function scope(parts: { url?: string; users?: boolean; authorities?: boolean; reasons?: boolean }): Buffer {
  return extension(
    '2.5.29.28',
    true,
    sequence(
      ...(parts.url === undefined ? [] : [explicit(0, explicit(0, implicit(6, Buffer.from(parts.url))))]),
      ...(parts.users ? [implicit(1, bool(true).subarray(2))] : []),
      ...(parts.authorities ? [implicit(2, bool(true).subarray(2))] : []),
      ...(parts.reasons ? [implicit(3, Buffer.from([6, 0x40]))] : []),
    ),
  )
}
