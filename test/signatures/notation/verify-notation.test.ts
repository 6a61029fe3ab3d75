import { expect } from 'chai'
import type { NotationOutcome } from '../../../src/signatures/notation/outcome.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import { type Issued, issue, issueAuthority, type KeyKind, pairOf, subjectOf } from '../../support/certificate-authority.ts'
import {
  chainOf,
  cose,
  coseEnvelope,
  type EnvelopeOptions,
  inputOf,
  jws,
  jwsEnvelope,
  payloadOf,
  policyOf,
  repository,
  storeOf,
  target,
} from '../../support/notation.ts'

const step = ({ steps }: NotationOutcome, check: string) => steps.find(one => one.check === check)
const failures = ({ steps }: NotationOutcome) => steps.flatMap(({ check, result }) => (result === 'failed' ? [check] : []))
const formats = [
  { mediaType: jws, make: (options: EnvelopeOptions) => jwsEnvelope(options) },
  { mediaType: cose, make: (options: EnvelopeOptions) => coseEnvelope(options) },
]

/** A chain of `length` certificates, leaf first, its leaf's key of the kind. */
const chainWith = (kind: KeyKind, length: number): readonly Issued[] => {
  const pair = pairOf(kind, 'leaf')
  if (length === 1) return [issue({ pair, subject: subjectOf('alone') })]
  let issuer = issueAuthority()
  const authorities = [issuer]
  for (let below = length - 2; below > 0; below--) {
    issuer = issueAuthority({ subject: subjectOf(`authority ${below}`), pair: pairOf('P-384', `authority ${below}`), issuer })
    authorities.unshift(issuer)
  }
  return [issue({ pair, issuer }), ...authorities]
}

describe('a signature of Notary Project', () => {
  const kinds: readonly KeyKind[] = ['P-256', 'P-384', 'P-521', 'RSA 2048', 'RSA 3072', 'RSA 4096']
  for (const { mediaType, make } of formats) {
    for (const kind of kinds) {
      for (const scheme of ['notary.x509', 'notary.x509.signingAuthority'] as const) {
        it(`${mediaType} ${scheme} with ${kind}: verifies with chains of 1, 2 and 4`, function () {
          this.timeout(60_000)
          for (const length of [1, 2, 4]) {
            const chain = chainWith(kind, length)
            const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority'
            const outcome = verifyNotation(
              inputOf(make({ chain, scheme, expiry: '2026-12-01T00:00:00Z' }), mediaType, chain.at(-1)!, {
                policy: policyOf({ trustStores: [`${type}:acme`] }),
                trustStores: [storeOf(type, 'acme', chain.at(-1)!)],
              }),
            )
            expect(failures(outcome)).to.deep.equal([])
            expect(outcome.verdict).to.equal('verified')
            expect(outcome.claim?.chain).to.have.length(length)
          }
        })
      }
    }

    it(`${mediaType}: says what it is and who made it`, () => {
      const chain = chainOf()
      const { verdict, statement, level, steps, claim } = verifyNotation(inputOf(make({ chain }), mediaType, chain[1]!))
      expect([verdict, statement, level]).to.deep.equal(['verified', 'plugins', 'strict'])
      expect(steps.map(({ check, action, result }) => `${check} ${action} ${result}`)).to.deep.equal([
        'integrity enforced ok',
        'authenticity enforced ok',
        'authenticTimestamp enforced ok',
        'expiry enforced ok',
        'revocation enforced ok',
        'artifact enforced ok',
      ])
      expect(claim?.chain[0]?.subject).to.equal('CN=leaf,O=acme,ST=WA,C=US')
      expect(claim?.signingAgent).to.equal('a test')
      expect(claim?.target).to.deep.include(target)
    })

    it(`${mediaType}: is signed by the key of its leaf and no other`, () => {
      const [leaf, root] = chainOf()
      const thief = { ...leaf!, pair: pairOf('P-256', 'thief') }
      const outcome = verifyNotation(inputOf(make({ chain: [thief, root!] }), mediaType, root!))
      expect([outcome.verdict, ...failures(outcome)]).to.deep.equal(['failed', 'integrity'])
      expect(step(outcome, 'integrity')?.error?.actual).to.equal('the signature does not verify with the key of its certificate')
    })

    for (const [what, changed] of [
      ['digest', { digest: `sha256:${'5b'.repeat(32)}` }],
      ['size', { sizeBytes: 529 }],
      ['media type', { mediaType: 'application/vnd.oci.image.index.v1+json' }],
    ] as const) {
      it(`${mediaType}: is of one image: another ${what} fails, whatever the level`, () => {
        const chain = chainOf()
        for (const level of ['strict', 'audit']) {
          const envelope = make({ chain, payload: payloadOf({ ...target, ...changed }) })
          const outcome = verifyNotation(inputOf(envelope, mediaType, chain[1]!, { policy: policyOf({ level }) }))
          expect([outcome.verdict, ...failures(outcome)]).to.deep.equal(['failed', 'artifact'])
        }
      })
    }

    it(`${mediaType}: expires in the moment that it names`, () => {
      const chain = chainOf()
      const envelope = make({ chain, expiry: '2026-06-01T00:00:00Z' })
      const at = (ms: number) =>
        verifyNotation(inputOf(envelope, mediaType, chain[1]!, { at: new Date(Date.parse('2026-06-01T00:00:00Z') + ms) }))
      expect(failures(at(-1))).to.deep.equal([])
      expect(failures(at(0))).to.deep.equal(['expiry'])
      expect(at(0).verdict).to.equal('failed')
    })

    it(`${mediaType}: may be signed with a salt as long as the hash alone`, () => {
      const chain = chainWith('RSA 2048', 2)
      expect(failures(verifyNotation(inputOf(make({ chain, saltLength: 32 }), mediaType, chain[1]!)))).to.deep.equal([])
      expect(failures(verifyNotation(inputOf(make({ chain, saltLength: 20 }), mediaType, chain[1]!)))).to.deep.equal(['integrity'])
    })

    it(`${mediaType}: keys of other kinds and sizes are refused`, () => {
      for (const kind of ['RSA 1024', 'ed25519'] as const) {
        const chain = chainWith(kind, 2)
        const outcome = verifyNotation(inputOf(make({ chain }), mediaType, chain[1]!))
        expect(failures(outcome), kind).to.deep.equal(['integrity'])
        expect(step(outcome, 'integrity')?.error?.actual).to.contain('the key of its certificate is none of')
      }
    })
  }

  it('is not the other format under its media type', () => {
    const chain = chainOf()
    for (const [envelope, mediaType] of [
      [jwsEnvelope({ chain }), cose],
      [coseEnvelope({ chain }), jws],
      [jwsEnvelope({ chain }), 'application/json'],
      [Buffer.alloc(0), jws],
      [Buffer.alloc(0), cose],
    ] as const)
      expect(failures(verifyNotation(inputOf(envelope, mediaType, chain[1]!)))).to.deep.equal(['integrity'])
  })

  it('lists every step after integrity failed, and none of them as passed', () => {
    const { steps, claim } = verifyNotation(inputOf(Buffer.from('{}'), jws, chainOf()[1]!))
    expect(steps.map(({ check, result }) => `${check} ${result}`)).to.deep.equal([
      'integrity failed',
      'authenticity notChecked',
      'authenticTimestamp notChecked',
      'expiry notChecked',
      'revocation notChecked',
      'artifact notChecked',
    ])
    expect(claim).to.equal(undefined)
  })
})

describe('the statement of a trust policy', () => {
  const chain = chainOf()
  const envelope = jwsEnvelope({ chain })
  const verify = (change: object) => verifyNotation(inputOf(envelope, jws, chain[1]!, change))

  it('is chosen by the repository, exactly', () => {
    expect(verify({ policy: policyOf({ registryScopes: [repository] }) }).verdict).to.equal('verified')
    for (const scope of ['registry.example.com/acme', `${repository}s`, 'registry.example.com/acme/plugin/x']) {
      const outcome = verify({ policy: policyOf({ registryScopes: [scope] }) })
      expect([outcome.verdict, ...failures(outcome)], scope).to.deep.equal(['failed', 'policy'])
    }
  })

  it('needs a reference in full, with the digest of the image', () => {
    for (const reference of [
      repository,
      `${repository}:v1`,
      `plugin@${target.digest}`,
      `${repository}:v1@${target.digest}`,
      `${repository}@sha256:${'5b'.repeat(32)}`,
      `${repository}@`,
      '',
    ])
      expect(failures(verify({ reference })), reference).to.deep.equal(['policy'])
  })

  it('skip: looks at nothing and is not verified', () => {
    const outcome = verify({ policy: policyOf({ level: 'skip' }), envelope: Buffer.from('no envelope') })
    expect(outcome.verdict).to.equal('skipped')
    expect(new Set(outcome.steps.map(({ action, result }) => `${action} ${result}`))).to.deep.equal(new Set(['skipped notChecked']))
  })

  for (const [level, verdict] of [
    ['strict', 'failed'],
    ['permissive', 'failed'],
    ['audit', 'verified'],
  ] as const) {
    it(`${level}: a signer that nobody trusts is ${verdict}`, () => {
      const outcome = verify({ policy: policyOf({ level }), trustStores: [storeOf('ca', 'acme', issueAuthority())] })
      expect(failures(outcome)).to.deep.equal(['authenticity'])
      expect(outcome.verdict).to.equal(verdict)
    })
  }

  it('asks for annotations that were signed, when told to', () => {
    const signed = jwsEnvelope({ chain, payload: payloadOf(target, { annotations: { build: '7' } }) })
    for (const [userMetadata, result] of [
      [{ build: '7' }, 'ok'],
      [{ build: '8' }, 'failed'],
      [{ toString: '7' }, 'failed'],
    ] as const) {
      const outcome = verify({ envelope: signed, userMetadata, policy: policyOf({ level: 'audit' }) })
      expect(step(outcome, 'userMetadata')?.result).to.equal(result)
      expect(outcome.verdict).to.equal(result === 'ok' ? 'verified' : 'failed')
    }
  })
})
