import { expect } from 'chai'
import type { AuthorityFound, FoundCandidate } from '../../src/policy/authority-verdict.ts'
import { evaluatePolicies, type Findings, type NotationFound } from '../../src/policy/evaluate.ts'
import type { ImagePolicy, NotationPolicy } from '../../src/policy/image-policy.ts'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { document, keyless, publicPem } from '../support/policies.ts'

const image = 'ghcr.io/acme/plugin:v1'
const pem = publicPem()
const key = (name: string, extra: object = {}) => ({ name, key: { data: pem }, ...extra })
const sigstore = (name: string, authorities: readonly object[], spec: object = {}): ImagePolicy =>
  parsePolicyFile(document({ images: [{ glob: 'ghcr.io/acme/**' }], authorities, ...spec }, { name }), `${name}.yaml`).policies[0]!
const notation: NotationPolicy = { kind: 'notation', name: 'trustpolicy.json', from: 'trustpolicy.json', document: {} }

const good = (extra: Partial<FoundCandidate> = {}): FoundCandidate => ({
  where: 'tag a.sig',
  verified: true,
  signer: 'cosign.pub',
  ...extra,
})
const bad = (extra: Partial<FoundCandidate> = {}): FoundCandidate => ({
  where: 'tag b.sig',
  verified: false,
  reason: 'another key',
  ...extra,
})
const att = (predicateType: string, candidate = good()): FoundCandidate => ({ ...candidate, where: 'the referrers API', predicateType })

/** Findings by authority name. */
const found = (byAuthority: Readonly<Record<string, AuthorityFound>> = {}, byNotation?: NotationFound): Findings => ({
  sigstore: (_, { name }) => byAuthority[name] ?? { candidates: [] },
  notation: () => byNotation ?? { outcome: 'notApplicable', evidence: [] },
})
const judge = (policies: readonly ImagePolicy[], findings: Findings, of = image) =>
  evaluatePolicies(policies, { image: of, digest: `sha256:${'0'.repeat(64)}` }, findings)

describe('evaluatePolicies', () => {
  it('holds with one signature of one authority, and says which', () => {
    const { state, verdicts } = judge([sigstore('a', [key('old'), key('new')])], found({ new: { candidates: [bad(), good()] } }))
    expect(state).to.equal('held')
    expect(verdicts[0]).to.deep.include({
      policy: 'a',
      from: 'a.yaml:1:1',
      status: 'pass',
      authority: 'new',
      signer: 'cosign.pub',
      expected: 'a signature by the authority new',
      found: 'a signature by cosign.pub in tag a.sig',
    })
    expect(verdicts[0]!.evidence).to.deep.equal([
      'old: no signature',
      'new: a signature by cosign.pub in tag a.sig',
      'new: tag b.sig: another key',
    ])
  })

  it('is violated when no authority holds, and says what each expected and what was found', () => {
    const { state, verdicts } = judge([sigstore('a', [key('old'), keyless()])], found({ old: { candidates: [bad()] } }))
    expect(state).to.equal('violated')
    expect(verdicts[0]).to.deep.include({
      status: 'fail',
      held: false,
      expected: 'a signature by the authority old; or a signature by release@acme.example, issued by https://accounts.example.com',
      found: 'a signature only with faults: tag b.sig: another key; no signature',
    })
    expect(verdicts[0]).to.not.have.property('authority')
  })

  it('holds by who signed, where one beside it accepts everything, and else by that one, unproven', () => {
    for (const authorities of [
      [{ name: 'any', static: { action: 'pass' } }, key('k')],
      [key('k'), { name: 'any', static: { action: 'pass' } }],
    ]) {
      const policies = [sigstore('a', authorities)]
      const signed = judge(policies, found({ k: { candidates: [good()] } })).verdicts[0]!
      expect(signed).to.deep.include({ held: true, authority: 'k', signer: 'cosign.pub' }).and.to.not.have.property('unproven')
      const unsigned = judge(policies, found({ k: { candidates: [bad()] } })).verdicts[0]!
      expect(unsigned).to.deep.include({ held: true, authority: 'any', unproven: true })
    }
  })

  it('carries what could not be looked at, only while nothing held', () => {
    const gaps = ['the referrers API: could not be asked']
    expect(judge([sigstore('a', [key('k')])], found({ k: { candidates: [], gaps } })).verdicts[0]!.gaps).to.deep.equal(gaps)
    expect(judge([sigstore('a', [key('k')])], found({ k: { candidates: [good()], gaps } })).verdicts[0]!.gaps).to.deep.equal([])
  })

  describe('attestations of an authority', () => {
    const both = key('k', {
      attestations: [
        { name: 'bom', predicateType: 'spdx' },
        { name: 'scan', predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' },
      ],
    })
    const [spdx, vuln] = ['https://spdx.dev/Document', 'https://cosign.sigstore.dev/attestation/vuln/v1']
    const rows: readonly [title: string, candidates: readonly FoundCandidate[], held: boolean][] = [
      ['all of them', [att(spdx), att(vuln)], true],
      ['all, in a version of the type', [att(`${spdx}/v2.3`), att(vuln)], true],
      ['each by any one', [att(spdx, bad()), att(spdx), att(vuln), att(vuln, bad())], true],
      ['one alone', [att(spdx)], false],
      ['one that is not verified', [att(spdx), att(vuln, bad())], false],
      ['a signature alone', [good()], false],
      ['other types', [att('https://slsa.dev/provenance/v1'), att(vuln)], false],
      ['a longer name that begins alike', [att(`${spdx}s`), att(vuln)], false],
    ]
    for (const [title, candidates, held] of rows) {
      it(`${held ? 'hold' : 'do not hold'} with ${title}`, () => {
        expect(judge([sigstore('a', [both])], found({ k: { candidates } })).verdicts[0]!.held).to.equal(held)
      })
    }

    it('need no signature of the image, and are none', () => {
      expect(judge([sigstore('a', [key('k')])], found({ k: { candidates: [att(spdx), att(vuln)] } })).state).to.equal('violated')
    })

    it('say which is missing, and which types were found', () => {
      const verdict = judge([sigstore('a', [both])], found({ k: { candidates: [att(spdx), att('https://slsa.dev/provenance/v1')] } }))
        .verdicts[0]!
      expect(verdict.expected).to.equal(`attestations spdx (${spdx}) and ${vuln} by the authority k`)
      expect(verdict.found).to.equal(`no attestation ${vuln}, only ${spdx}, https://slsa.dev/provenance/v1`)
    })
  })

  it('takes a statement of cosign sign for a signature', () => {
    const candidate = good({ predicateType: 'https://sigstore.dev/cosign/sign/v1' })
    expect(judge([sigstore('a', [key('k')])], found({ k: { candidates: [candidate] } })).state).to.equal('held')
  })

  const fail = { static: { action: 'fail', message: 'not from here' } }
  const pass = { static: { action: 'pass' } }
  const rows: readonly [title: string, policies: readonly ImagePolicy[], findings: Findings, state: string][] = [
    ['static pass holds', [sigstore('a', [pass])], found(), 'held'],
    ['static fail is violated', [sigstore('a', [fail])], found(), 'violated'],
    ['static fail in mode warn is a warn', [sigstore('a', [fail], { mode: 'warn' })], found(), 'warned'],
    ['static fail beside a signature holds', [sigstore('a', [fail, key('k')])], found({ k: { candidates: [good()] } }), 'held'],
    ['mode warn is a warn', [sigstore('a', [key('k')], { mode: 'warn' })], found(), 'warned'],
    ['mode warn that holds is a pass', [sigstore('a', [key('k')], { mode: 'warn' })], found({ k: { candidates: [good()] } }), 'held'],
    [
      'all that match must hold',
      [sigstore('a', [key('k')]), sigstore('b', [key('l')])],
      found({ k: { candidates: [good()] } }),
      'violated',
    ],
    [
      'a warn beside one that holds is a warn',
      [sigstore('a', [key('k')]), sigstore('b', [key('l')], { mode: 'warn' })],
      found({ k: { candidates: [good()] } }),
      'warned',
    ],
    ['a violated one beside a warn is violated', [sigstore('a', [fail], { mode: 'warn' }), sigstore('b', [fail])], found(), 'violated'],
    [
      'one that does not match does not count',
      [sigstore('a', [fail], { images: [{ glob: 'quay.io/**' }] }), sigstore('b', [pass])],
      found(),
      'held',
    ],
    ['none that matches is a state of its own', [sigstore('a', [fail], { images: [{ glob: 'quay.io/**' }] })], found(), 'noPolicy'],
    ['no policy at all is that, too', [], found(), 'noPolicy'],
    ['notation that verified holds', [notation], found({}, { outcome: 'verified', statement: 's', evidence: [] }), 'held'],
    ['notation that failed is violated', [notation], found({}, { outcome: 'failed', statement: 's', evidence: ['expired'] }), 'violated'],
    ['notation skip is a warn', [notation], found({}, { outcome: 'skipped', statement: 's', evidence: [] }), 'warned'],
    ['notation without a statement does not match', [notation], found(), 'noPolicy'],
    [
      'notation and ClusterImagePolicy must both hold',
      [notation, sigstore('a', [pass])],
      found({}, { outcome: 'failed', evidence: [] }),
      'violated',
    ],
    [
      'notation does not replace a ClusterImagePolicy',
      [notation, sigstore('a', [key('k')])],
      found({}, { outcome: 'verified', evidence: [] }),
      'violated',
    ],
  ]
  for (const [title, policies, findings, state] of rows) {
    it(title, () => {
      expect(judge(policies, findings).state).to.equal(state)
    })
  }

  describe('a trust policy of notation', () => {
    const verdict = (byNotation: NotationFound) => judge([notation], found({}, byNotation)).verdicts[0]!

    it('that verified says by whom', () => {
      expect(verdict({ outcome: 'verified', statement: 'acme', signer: 'CN=release', evidence: ['expiry: ok'] })).to.deep.equal({
        kind: 'notation',
        policy: 'trustpolicy.json',
        from: 'trustpolicy.json',
        status: 'pass',
        held: true,
        authority: 'acme',
        signer: 'CN=release',
        expected: 'a signature of the Notary Project that the statement "acme" accepts',
        found: 'one by CN=release',
        evidence: ['expiry: ok'],
        gaps: [],
      })
      expect(verdict({ outcome: 'verified', evidence: [] }).found).to.equal('such a signature')
    })

    it('that failed says why, and what could not be looked at', () => {
      expect(verdict({ outcome: 'failed', statement: 'acme', evidence: ['expired'], gaps: ['tag a'] })).to.deep.include({
        status: 'fail',
        held: false,
        found: 'expired',
        gaps: ['tag a'],
      })
      expect(verdict({ outcome: 'failed', evidence: [] }).found).to.equal('none')
    })

    it('that skips holds without a verification, and says so', () => {
      expect(verdict({ outcome: 'skipped', statement: 'acme', evidence: [] })).to.deep.include({
        status: 'warn',
        held: true,
        found: 'nothing was verified: the level of the statement is skip',
      })
    })
  })

  it('puts the worst first, and names those that do not match', () => {
    const policies = [
      sigstore('good', [pass]),
      sigstore('other', [pass], { images: [{ glob: 'quay.io/**' }] }),
      sigstore('soft', [fail], { mode: 'warn' }),
      sigstore('hard', [fail]),
    ]
    const { verdicts, others } = judge(policies, found())
    expect(verdicts.map(({ policy }) => policy)).to.deep.equal(['hard', 'soft', 'good'])
    expect(verdicts[0]!.found).to.equal('the policy forbids it: not from here')
    expect(others).to.deep.equal(['other'])
  })

  it('does not guess whether a policy speaks of an image that policy-controller cannot read', () => {
    expect(judge([sigstore('a', [pass])], found(), 'LOCALHOST/plugin')).to.deep.equal({
      state: 'unknownImage',
      verdicts: [],
      others: ['a'],
    })
  })

  it('does not look for signatures of policies that do not speak of the image', () => {
    const never = (): never => {
      throw new Error('asked')
    }
    expect(judge([sigstore('a', [key('k')], { images: [{ glob: 'quay.io/**' }] })], { sigstore: never, notation: never }).state).to.equal(
      'noPolicy',
    )
  })

  it('keeps words from outside in one line', () => {
    const { verdicts } = judge([sigstore('a', [key('k')])], found({ k: { candidates: [att('x:a\nPASS', bad())] } }))
    expect(verdicts[0]!.found).to.equal('no signature, only x:a\\u000aPASS')
  })
})
