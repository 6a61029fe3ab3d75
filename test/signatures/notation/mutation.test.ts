import { expect } from 'chai'
import { PreflightError } from '../../../src/errors.ts'
import { parseTrustPolicy } from '../../../src/policy/notation/trust-policy.ts'
import { openTrustStore } from '../../../src/policy/notation/trust-store.ts'
import type { NotationInput } from '../../../src/signatures/notation/verify-notation.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import { issue, issueAuthority, issueCrl, pairOf, subjectOf } from '../../support/certificate-authority.ts'
import {
  chainOf,
  cose,
  coseEnvelope,
  inputOf,
  jws,
  jwsEnvelope,
  policyOf,
  policyText,
  prefix,
  storeOf,
  timestampToken,
  tsaOf,
} from '../../support/notation.ts'

/** Every bit with INTEROP=full; else every so manyth, a prime, so that all bits of a byte and all bytes have their turn. */
const flipsOf = function* (bytes: Buffer, sample: number): Generator<{ readonly flipped: Buffer; readonly offset: number }> {
  const step = process.env.INTEROP === 'full' ? 1 : sample
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const flipped = Buffer.from(bytes)
    const offset = bit >> 3
    flipped[offset] = flipped[offset]! ^ (1 << (bit & 7))
    yield { flipped, offset }
  }
}

type Range = readonly [from: number, to: number]
const rangeOf = (bytes: Buffer, from: Buffer | string, to: Buffer | string = from): Range => {
  const end = Buffer.from(to as string)
  const start = bytes.indexOf(from)
  expect(start).to.be.at.least(0)
  return [start, bytes.indexOf(end, start) + end.length]
}
const within = (ranges: readonly Range[], offset: number) => ranges.some(([from, to]) => from <= offset && offset < to)

const root = issueAuthority()
const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
const chain = [issue({ issuer: middle }), middle, root]
const expiry = '2026-12-01T00:00:00Z'

describe('a signature of which one bit was changed', function () {
  this.timeout(600_000)
  const stores = [storeOf('ca', 'acme', root)]

  const agent = `${prefix}signingAgent`
  for (const [mediaType, envelope, sample] of [
    [jws, jwsEnvelope({ chain, expiry }), 37],
    [cose, coseEnvelope({ chain, expiry }), 23],
  ] as const) {
    it(`${mediaType}: does not verify, unless the bit was in the name or value of the signing agent, which is not signed`, () => {
      const input = inputOf(envelope, mediaType, root, { trustStores: stores })
      expect(verifyNotation(input).verdict).to.equal('verified')
      const free = [rangeOf(envelope, agent, 'a test')]
      let verified = 0
      for (const { flipped, offset } of flipsOf(envelope, sample)) {
        if (verifyNotation({ ...input, envelope: flipped }).verdict !== 'verified') continue
        verified += 1
        expect(within(free, offset), `offset ${offset}`).to.equal(true)
      }
      expect(verified).to.be.greaterThan(0)
    })
  }

  for (const [mediaType, make] of [
    [jws, jwsEnvelope],
    [cose, coseEnvelope],
  ] as const) {
    it(`${mediaType}: its timestamp says the same time or does not hold, and only what nothing rests on may differ in it`, () => {
      const old = chainOf({ notAfter: '2026-04-01T00:00:00Z' })
      const tsa = tsaOf()
      let token: Buffer = Buffer.alloc(0)
      const sign = (bytes?: Buffer) =>
        make({
          chain: old,
          token: signature => {
            token = bytes ?? timestampToken(signature, { tsa })
            return token
          },
        })
      const input = inputOf(sign(), mediaType, old[1]!, {
        policy: policyOf({ trustStores: ['ca:acme', 'tsa:clock'] }),
        trustStores: [storeOf('ca', 'acme', old[1]!), storeOf('tsa', 'clock', tsa[1]!)],
      })
      const good = verifyNotation(input)
      expect(good.verdict).to.equal('verified')
      // The token goes into the same envelope: it is not signed by it.
      const envelope = Buffer.from(input.envelope)
      const put = (changed: Buffer): Buffer => {
        const written = (bytes: Buffer) => (mediaType === jws ? Buffer.from(bytes.toString('base64')) : bytes)
        const [from, to] = rangeOf(envelope, written(token))
        return Buffer.concat([envelope.subarray(0, from), written(changed), envelope.subarray(to)])
      }
      const free = [
        // The algorithms that all signers use, which each of them names again.
        rangeOf(token, Buffer.from('310d300b0609608648016503040201', 'hex')),
        // The authority's root, which comes from the trust store.
        rangeOf(token, tsa[1]!.der),
      ]
      const kept = token
      for (const { flipped, offset } of flipsOf(kept, 47)) {
        token = kept
        const outcome = verifyNotation({ ...input, envelope: put(flipped) })
        if (outcome.verdict !== 'verified') continue
        expect(outcome.claim?.timestamp).to.deep.equal(good.claim?.timestamp)
        expect(within(free, offset), `offset ${offset}`).to.equal(true)
      }
    })
  }

  it('is not verified by a trust store with another bit', () => {
    const input = inputOf(jwsEnvelope({ chain }), jws, root)
    for (const { flipped } of flipsOf(root.der, 13)) {
      const store = openTrustStore({ type: 'ca', name: 'acme' }, [{ file: 'root.crt', bytes: flipped }])
      expect(verifyNotation({ ...input, trustStores: [store] }).verdict).to.equal('failed')
    }
  })

  it('of a revoked signer does not verify with another bit in the list', () => {
    const url = 'http://ca.example.com/crl'
    const leaf = issue({ issuer: root, crlUrls: [url] })
    const crl = issueCrl({ issuer: root, revoked: [{ certificate: leaf }] })
    const input = inputOf(jwsEnvelope({ chain: [leaf, root] }), jws, root)
    for (const { flipped } of flipsOf(crl, 7)) {
      const crls = [{ file: 'a.crl', urlHash: undefined, base: flipped, delta: undefined }]
      expect(verifyNotation({ ...input, crls }).verdict).to.equal('failed')
    }
  })
})

describe('a trust policy of which one bit was changed', () => {
  it('is refused with a code, or trusts nobody whom it did not trust', () => {
    const text = Buffer.from(policyText({ registryScopes: ['registry.example.com/acme/plugin'], verifyTimestamp: 'always' }))
    const stranger = chainOf({
      subject: [
        ['C', 'US'],
        ['ST', 'WA'],
        ['O', 'other'],
      ],
    })
    const untrusted = chainOf({}, { subject: subjectOf('other root'), pair: pairOf('P-256', 'other root') })
    const inputs = [
      inputOf(jwsEnvelope({ chain: stranger }), jws, stranger[1]!),
      { ...inputOf(jwsEnvelope({ chain: untrusted }), jws, root), trustStores: [storeOf('ca', 'acme', root), storeOf('ca', 'acmd', root)] },
    ]
    let refused = 0
    for (const { flipped } of flipsOf(text, 3)) {
      try {
        const policy = parseTrustPolicy(flipped, 'trustpolicy.json')
        for (const input of inputs) expect(verifyNotation({ ...input, policy }).verdict).to.equal('failed')
      } catch (error) {
        if (!(error instanceof PreflightError)) throw error
        expect(error.code).to.be.oneOf(['POLICY_INVALID', 'YAML_INVALID'])
        refused += 1
      }
    }
    expect(refused).to.be.greaterThan(500)
  })
})

describe('an envelope of which much was changed', () => {
  /** Numbers without chance: the same every time (Numerical Recipes' generator). */
  const numbers = (seed: number) => {
    let state = seed
    return (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
  }
  const tsa = tsaOf()
  const policy = policyOf({ trustStores: ['ca:acme', 'tsa:clock'], level: 'audit' })
  const token = (signature: Buffer) => timestampToken(signature, { tsa })

  for (const [mediaType, envelope] of [
    [jws, jwsEnvelope({ chain, token, signingTime: '2026-03-01T00:00:00Z' })],
    [cose, coseEnvelope({ chain, token })],
  ] as const) {
    const input: NotationInput = inputOf(envelope, mediaType, root, {
      policy,
      trustStores: [storeOf('ca', 'acme', root), storeOf('tsa', 'clock', tsa[1]!)],
    })
    it(`${mediaType}: cut off anywhere, fails`, () => {
      for (let length = 0; length < envelope.length; length += process.env.INTEROP === 'full' ? 1 : 11)
        expect(verifyNotation({ ...input, envelope: envelope.subarray(0, length) }).verdict, String(length)).to.equal('failed')
    })
    it(`${mediaType}: pieces of it put elsewhere and bytes replaced, comes to a verdict`, () => {
      const below = numbers(7)
      for (let run = 0; run < (process.env.INTEROP === 'full' ? 20_000 : 400); run++) {
        const changed = Buffer.from(envelope)
        for (let change = below(4); change >= 0; change--) {
          const [from, to, size] = [below(changed.length), below(changed.length), below(64)]
          if (below(2) === 0) changed.copyWithin(to, from, from + size)
          else changed[to] = below(256)
        }
        const { steps } = verifyNotation({ ...input, envelope: changed })
        expect(steps.length).to.be.greaterThan(0)
      }
    })
  }
})
