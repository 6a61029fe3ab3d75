import { parseTrustPolicy } from '../../src/policy/notation/trust-policy.ts'
import { openTrustStore } from '../../src/policy/notation/trust-store.ts'
import type { NotationOutcome } from '../../src/signatures/notation/outcome.ts'
import { type NotationInput, verifyNotation } from '../../src/signatures/notation/verify-notation.ts'
import { issue, issueAuthority, pairOf, subjectOf } from '../support/certificate-authority.ts'
import {
  cose,
  coseEnvelope,
  inputOf,
  jws,
  jwsEnvelope,
  payloadOf,
  policyOf,
  policyText,
  storeOf,
  target,
  timestampToken,
  tsaOf,
} from '../support/notation.ts'
import { codeOr, type FuzzTarget, justified, lenient, within } from './target.ts'

const root = issueAuthority()
const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
const chain = [issue({ issuer: middle }), middle, root]
const stranger = issueAuthority({ subject: subjectOf('stranger'), pair: pairOf('P-256', 'stranger') })
const tsa = tsaOf()
const token = (signature: Buffer) => timestampToken(signature, { tsa })
const trust: Partial<NotationInput> = {
  policy: policyOf({ trustStores: ['ca:acme', 'tsa:clock'] }),
  trustStores: [storeOf('ca', 'acme', root), storeOf('tsa', 'clock', tsa[1]!)],
}
const wordOf = ({ verdict, steps }: NotationOutcome): string =>
  verdict === 'failed' ? `failed at ${steps.find(({ action, result }) => action === 'enforced' && result !== 'ok')?.check}` : verdict

/** All that was signed, and the time of the timestamp. */
const claimOf = ({ claim }: NotationOutcome): string => {
  const { signingAgent: _, target: signed, ...rest } = claim!
  return JSON.stringify({ ...rest, target: { ...signed, annotations: [...signed.annotations] } })
}

const envelopes = [
  { name: 'JWS envelope', mediaType: jws, make: jwsEnvelope },
  { name: 'COSE envelope', mediaType: cose, make: coseEnvelope },
] as const

export const notationTargets: readonly FuzzTarget[] = [
  ...envelopes.map(({ name, mediaType, make }): FuzzTarget => {
    const sample = make({ chain, token, expiry: '2026-12-01T00:00:00Z' })
    const verify = (envelope: Buffer) => verifyNotation(inputOf(envelope, mediaType, root, trust))
    const good = claimOf(verify(sample))
    return {
      name,
      samples: [sample],
      sound: 'verified',
      run(input) {
        const outcome = verify(input)
        if (outcome.verdict === 'verified') justified(claimOf(outcome) === good, 'something else than what was signed')
        return wordOf(outcome)
      },
    }
  }),
  ...envelopes.map(
    ({ name, mediaType, make }): FuzzTarget => ({
      name: `payload of a ${name}, signed`,
      samples: [payloadOf(target), payloadOf(target, { annotations: { a: 'b' } })],
      sound: 'verified',
      run(input) {
        const outcome = verifyNotation(inputOf(make({ chain, payload: input }), mediaType, root))
        const said = within(lenient(input), 'targetArtifact')
        const same =
          within(said, 'digest') === target.digest &&
          within(said, 'size') === target.sizeBytes &&
          within(said, 'mediaType') === target.mediaType
        if (outcome.verdict === 'verified') justified(same, 'another image')
        return wordOf(outcome)
      },
    }),
  ),
  {
    name: 'trustpolicy.json',
    samples: [
      Buffer.from(policyText()),
      Buffer.from(policyText({ trustStores: ['ca:acme', 'tsa:clock'], verifyTimestamp: 'afterCertExpiry' })),
    ],
    sound: 'verified',
    run: input =>
      codeOr(() => {
        const policy = parseTrustPolicy(input, 'trustpolicy.json')
        const ask = (signedBy: typeof chain, envelope: Buffer) =>
          verifyNotation({ ...inputOf(envelope, jws, signedBy.at(-1)!, trust), policy })
        const level = within(lenient(input), 'trustPolicies', 0, 'signatureVerification', 'level')
        const override = within(lenient(input), 'trustPolicies', 0, 'signatureVerification', 'override')
        if (ask([stranger], strangers).verdict === 'verified')
          justified(level !== 'strict' || override !== undefined, 'somebody whom no store has')
        return wordOf(ask(chain, good))
      }),
  },
  {
    name: 'trust store',
    samples: [root.der, Buffer.concat([root.der, stranger.der])],
    sound: 'verified',
    run(input) {
      const store = openTrustStore({ type: 'ca', name: 'acme' }, [{ file: 'a.crt', bytes: input }])
      const outcome = verifyNotation(inputOf(good, jws, root, { trustStores: [store] }))
      if (outcome.verdict === 'verified') justified(input.includes(root.der), 'a root that is not there')
      return wordOf(outcome)
    },
  },
]
const good = jwsEnvelope({ chain })
const strangers = jwsEnvelope({ chain: [issue({ issuer: stranger }), stranger] })
