import { expect } from 'chai'
import type { TrustStore } from '../../../src/policy/notation/trust-store.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import { type Issued, issue, issueAuthority, pairOf, type Subject, subjectOf } from '../../support/certificate-authority.ts'
import { chainOf, inputOf, jws, jwsEnvelope, policyOf, storeOf } from '../../support/notation.ts'

const root = issueAuthority()
const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
const leaf = issue({ issuer: middle })
const chain = [leaf, middle, root]

const authenticity = (signers: readonly Issued[], trustStores: readonly TrustStore[], policy = policyOf()) =>
  verifyNotation(inputOf(jwsEnvelope({ chain: signers }), jws, root, { trustStores, policy })).steps.find(
    ({ check }) => check === 'authenticity',
  )

describe('the authenticity of a signature', () => {
  for (const [name, certificate] of [
    ['root', root],
    ['authority between', middle],
    ['leaf', leaf],
  ] as const) {
    it(`is proven by its ${name} in a trust store`, () => {
      // A leaf is in a store when it signed itself; one that did not makes the store unusable.
      const store = { ...storeOf('ca', 'acme', root), certificates: storeOf('ca', 'acme', certificate).certificates }
      expect(authenticity(chain, [store])?.result).to.equal(name === 'leaf' ? 'failed' : 'ok')
    })
  }

  it('is proven by a signer that signed itself, in a trust store', () => {
    const alone = issue({ subject: subjectOf('alone') })
    expect(authenticity([alone], [storeOf('ca', 'acme', alone)])?.result).to.equal('ok')
  })

  it('is not proven by a certificate of the same name and key', () => {
    const twin = issueAuthority({ serial: 7 })
    expect(authenticity(chain, [storeOf('ca', 'acme', twin)])?.result).to.equal('failed')
  })

  it('takes the chain from the envelope alone: a store completes none', () => {
    const outcome = verifyNotation(inputOf(jwsEnvelope({ chain: [leaf, middle] }), jws, root))
    expect(outcome.steps[0]?.error?.actual).to.match(/is the last of the chain and no root$/)
  })

  it('is looked for in the stores of its signing scheme', () => {
    const signingAuthority = storeOf('signingAuthority', 'acme', root)
    const policy = policyOf({ trustStores: ['signingAuthority:acme'] })
    expect(authenticity(chain, [signingAuthority], policy)?.error?.actual).to.equal('no trust store of the type ca is in the policy')
    const both = policyOf({ trustStores: ['ca:acme', 'signingAuthority:acme'] })
    expect(authenticity(chain, [signingAuthority, storeOf('ca', 'acme', issueAuthority())], both)?.result).to.equal('failed')
  })

  it('is not proven by a store that the statement does not name', () => {
    expect(authenticity(chain, [storeOf('ca', 'other', root)])?.error?.actual).to.equal('the trust store ca:acme was not given')
  })

  it('fails when one of the stores is damaged, though another has the root', () => {
    const policy = policyOf({ trustStores: ['ca:acme', 'ca:damaged'] })
    const found = authenticity(chain, [storeOf('ca', 'acme', root), storeOf('ca', 'damaged', leaf)], policy)
    expect(found?.result).to.equal('failed')
    expect(found?.error?.actual).to.match(/^the trust store ca:damaged cannot be used: 0\.crt: .+ is neither an authority's/)
  })

  const identity = (subject: Subject, ...trustedIdentities: readonly string[]) => {
    const signers = chainOf({ subject })
    return authenticity(signers, [storeOf('ca', 'acme', signers[1]!)], policyOf({ trustedIdentities }))
  }
  const acme: Subject = subjectOf('leaf')
  const table: readonly [what: string, subject: Subject, identities: readonly string[], trusted: boolean][] = [
    ['every signer', acme, ['*'], true],
    ['a part of its subject', acme, ['x509.subject: C=US, ST=WA, O=acme'], true],
    ['S for ST', acme, ['x509.subject: C=US, S=WA, O=acme'], true],
    ['the whole of it', acme, ['x509.subject: CN=leaf, O=acme, ST=WA, C=US'], true],
    ['another organization', acme, ['x509.subject: C=US, ST=WA, O=acme2'], false],
    ['another case', acme, ['x509.subject: C=US, ST=WA, O=Acme'], false],
    ['more than it has', acme, ['x509.subject: C=US, ST=WA, O=acme, OU=a'], false],
    ['one of two', acme, ['x509.subject: C=DE, ST=BE, O=a', 'x509.subject: C=US, ST=WA, O=acme'], true],
    ['what only plugins read', acme, ['acme.id:leaf'], false],
    [
      'umlauts, as bytes of UTF-8',
      [
        ['C', 'DE'],
        ['ST', 'BE'],
        ['O', 'Müller'],
      ],
      ['x509.subject: C=DE, ST=BE, O=M\\C3\\BCller'],
      true,
    ],
    [
      'a comma inside',
      [
        ['C', 'DE'],
        ['ST', 'BE'],
        ['O', 'a, b'],
      ],
      ['x509.subject: C=DE, ST=BE, O=a\\, b'],
      true,
    ],
    [
      'a subject without ST',
      [
        ['C', 'DE'],
        ['O', 'acme'],
        ['CN', 'leaf'],
      ],
      ['x509.subject: C=DE, ST=BE, O=acme'],
      false,
    ],
    ['a subject with two OU', [...acme, ['OU', 'a'], ['OU', 'b']], ['x509.subject: C=US, ST=WA, O=acme'], false],
    ['a subject with an address', [...acme, ['emailAddress', 'a@b']], ['x509.subject: C=US, ST=WA, O=acme'], false],
    ['a subject with =#', [...acme, ['OU', 'a=#b']], ['x509.subject: C=US, ST=WA, O=acme'], false],
  ]
  for (const [what, subject, identities, trusted] of table) {
    it(`an identity that names ${what}: ${trusted ? 'trusted' : 'not trusted'}`, () => {
      expect(identity(subject, ...identities)?.result).to.equal(trusted ? 'ok' : 'failed')
    })
  }

  it('says which attribute of the subject no identity can match', () => {
    expect(identity([...acme, ['emailAddress', 'a@b']], 'x509.subject: C=US, ST=WA, O=acme')?.error?.actual).to.match(
      /it has the attribute 1\.2\.840\.113549\.1\.9\.1, which notation does not compare$/,
    )
  })
  it('compares no authority with an identity', () => {
    expect(identity(subjectOf('leaf'), 'x509.subject: CN=root, O=acme, ST=WA, C=US')?.result).to.equal('failed')
  })
})
