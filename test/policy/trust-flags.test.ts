import { expect } from 'chai'
import { evaluatePolicies } from '../../src/policy/evaluate.ts'
import { policyOfFlags } from '../../src/policy/flag-policy.ts'
import { identityOfFlags } from '../../src/policy/trust-flags.ts'
import { trustPolicyOfStore } from '../../src/policy/trust-store-flag.ts'
import { publicPem, refusal } from '../support/policies.ts'

const [certificateIdentity, certificateOidcIssuer] = ['release@acme.example', 'https://accounts.example.com']
const [certificateIdentityRegexp, certificateOidcIssuerRegexp] = ['^.+@acme\\.example$', '^https://accounts\\.']

describe('flags that name a signer', () => {
  for (const [title, flags, subject, issuer] of [
    ['exact', { certificateIdentity, certificateOidcIssuer }, 'exact', 'exact'],
    ['a pattern of identities', { certificateIdentityRegexp, certificateOidcIssuer }, 'pattern', 'exact'],
    ['a pattern of issuers', { certificateIdentity, certificateOidcIssuerRegexp }, 'exact', 'pattern'],
    ['both as patterns', { certificateIdentityRegexp, certificateOidcIssuerRegexp }, 'pattern', 'pattern'],
    ['an empty list of keys beside it', { key: [], certificateIdentity, certificateOidcIssuer }, 'exact', 'exact'],
  ] as const) {
    it(`are taken: ${title}`, () => {
      const rule = identityOfFlags(flags)!
      expect([rule.subject.kind, rule.issuer.kind]).to.deep.equal([subject, issuer])
    })
  }

  it('name nobody when none is given', () => {
    expect(identityOfFlags({ key: ['cosign.pub'] })).to.equal(undefined)
  })

  for (const [title, flags, problem] of [
    ['an identity without issuer', { certificateIdentity }, '--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is required'],
    [
      'an identity pattern without issuer',
      { certificateIdentityRegexp },
      '--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is required',
    ],
    ['an issuer without identity', { certificateOidcIssuer }, '--certificate-identity or --certificate-identity-regexp is required'],
    [
      'an identity beside a key',
      { key: ['k'], certificateIdentity, certificateOidcIssuer },
      'Exactly one of key (--key) or certificate identity',
    ],
    ['an issuer beside a key', { key: ['k'], certificateOidcIssuer }, 'Exactly one of key (--key) or certificate identity'],
    [
      'both forms of the identity',
      { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer },
      '--certificate-identity and --certificate-identity-regexp cannot',
    ],
    [
      'both forms of the issuer',
      { certificateIdentity, certificateOidcIssuer, certificateOidcIssuerRegexp },
      '--certificate-oidc-issuer and --certificate-oidc-issuer-regexp cannot',
    ],
    ['an empty identity', { certificateIdentity: '', certificateOidcIssuer }, '--certificate-identity is empty'],
    ['an empty pattern', { certificateIdentityRegexp: '', certificateOidcIssuer }, '--certificate-identity-regexp is empty'],
    ['a pattern that is none', { certificateIdentityRegexp: '(', certificateOidcIssuer }, 'is not a regular expression of Go'],
  ] as const) {
    it(`are refused: ${title}`, () => {
      const error = refusal(() => identityOfFlags(flags))
      expect(error.code).to.equal('USAGE')
      expect(error.message).to.include(problem)
    })
  }
})

describe('policyOfFlags', () => {
  const keys = ['a.pub', 'b.pub'].map(name => ({ name, pem: publicPem() }))
  const rule = identityOfFlags({ certificateIdentity, certificateOidcIssuer })

  it('is no policy when the flags name nobody', () => {
    expect(policyOfFlags([], undefined)).to.equal(undefined)
  })

  it('takes any one key, for every image, without a log entry', () => {
    const policy = policyOfFlags(keys, undefined)!
    expect(policy.authorities).to.have.length(1)
    expect(policy.authorities[0]).to.deep.include({ kind: 'key', keys, log: { required: false } })
    for (const image of ['velero', 'localhost:5000/a/b@sha256:'.concat('0'.repeat(64))]) {
      const { state, verdicts } = evaluatePolicies(
        [policy],
        { image, digest: `sha256:${'0'.repeat(64)}` },
        {
          sigstore: () => ({ candidates: [{ where: 'a', verified: true, signer: 'b.pub' }] }),
          notation: () => ({ outcome: 'notApplicable', evidence: [] }),
        },
      )
      expect([state, verdicts[0]!.policy, verdicts[0]!.from, verdicts[0]!.signer]).to.deep.equal([
        'held',
        'the command line',
        '--key',
        'b.pub',
      ])
    }
  })

  it('wants a log entry for an identity', () => {
    expect(policyOfFlags([], rule)!.from).to.equal('--certificate-identity')
    expect(policyOfFlags([], rule)!.authorities[0]).to.deep.include({
      kind: 'keyless',
      identities: [rule],
      log: { required: true },
      insecureIgnoreSct: false,
    })
  })
})

describe('--trust-store alone', () => {
  it('means the trust policy of the quick start of notation', () => {
    const policy = trustPolicyOfStore(
      [
        { type: 'ca', name: 'acme' },
        { type: 'tsa', name: 'time' },
      ],
      'store',
    )
    expect(policy.trustPolicies[0]).to.deep.include({
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:acme', 'tsa:time'],
    })
  })

  it('is refused when nobody in it can sign', () => {
    expect(refusal(() => trustPolicyOfStore([{ type: 'tsa', name: 'time' }], 'store')).code).to.equal('USAGE')
    expect(refusal(() => trustPolicyOfStore([], 'store')).message).to.include('--trust-store store')
  })
})
