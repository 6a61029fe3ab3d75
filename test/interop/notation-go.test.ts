import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { parseTrustPolicy, storesIn } from '../../src/policy/notation/trust-policy.ts'
import { verifyNotation } from '../../src/signatures/notation/verify-notation.ts'
import { readTrustStores } from '../../src/world/notation-files.ts'
import {
  codeSigning,
  extension,
  type Issued,
  type IssueOptions,
  issue,
  issueAuthority,
  pairOf,
  type Subject,
  subjectOf,
  timeStamping,
} from '../support/certificate-authority.ts'
import { bool, der, octets, sequence } from '../support/der-writer.ts'
import {
  cose,
  coseEnvelope,
  type EnvelopeOptions,
  jws,
  jwsEnvelope,
  type PolicyOptions,
  payloadOf,
  policyText,
  prefix,
  repository,
  target,
  timestampToken,
  tsaOf,
} from '../support/notation.ts'
import { debian, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** Its go.mod chooses the versions of notation-go, notation-core-go and tspclient-go. */
const notation = 'v1.3.2'

interface Case {
  readonly what: string
  readonly envelope: Buffer
  readonly mediaType: string
  readonly policy: Buffer
}

const root = issueAuthority()
const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
const chain: readonly Issued[] = [issue({ issuer: middle }), middle, root]
const tsa = tsaOf()
const token = (signature: Buffer) => timestampToken(signature, { tsa })
const policyBytes = (options: PolicyOptions = {}) =>
  Buffer.from(policyText({ trustStores: ['ca:acme', 'signingAuthority:acme'], ...options }))
const timestamped: PolicyOptions = { trustStores: ['ca:acme', 'tsa:clock'] }

const both = (what: string, options: EnvelopeOptions, policy: PolicyOptions = {}): readonly Case[] => [
  { what: `JWS ${what}`, envelope: jwsEnvelope(options), mediaType: jws, policy: policyBytes(policy) },
  { what: `COSE ${what}`, envelope: coseEnvelope(options), mediaType: cose, policy: policyBytes(policy) },
]

const leaves: readonly IssueOptions[] = [
  {},
  { ca: false },
  { ca: true, keyUsage: ['digitalSignature'] },
  { keyUsage: undefined },
  { keyUsageCritical: false },
  { keyUsage: ['nonRepudiation'] },
  { keyUsage: ['digitalSignature', 'nonRepudiation'] },
  { keyUsage: ['digitalSignature', 'keyEncipherment'] },
  { keyUsage: ['digitalSignature', 'decipherOnly'] },
  { purposes: [codeSigning] },
  { purposes: [codeSigning, '2.5.29.37.0'] },
  { purposes: [codeSigning, timeStamping] },
  { purposes: ['1.2.3'] },
  { hash: 'sha1' },
  { hash: 'sha384' },
  { version: 1 },
  { version: 5 },
  { notAfter: '2026-05-01T00:00:00Z' },
  { notBefore: '2999-01-01T00:00:00Z', notAfter: '3000-01-01T00:00:00Z' },
  { pair: pairOf('RSA 1024', 'leaf') },
  { pair: pairOf('RSA 2048', 'leaf') },
  { pair: pairOf('P-521', 'leaf') },
  { pair: pairOf('ed25519', 'leaf') },
  { extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] },
  { extensions: [extension('2.5.29.30', true, sequence())] },
  { extensions: [extension('2.5.29.19', true, sequence(der(1, Buffer.from([1]))))] },
  { extensions: [extension('2.5.29.14', true, octets(Buffer.alloc(1)))] },
  { extensions: [extension('2.5.29.35', true, sequence(bool(true)))] },
]
const subjects: readonly Subject[] = [
  [],
  subjectOf('leaf'),
  [
    ['C', 'US'],
    ['O', 'acme'],
  ],
  [...subjectOf('leaf'), ['OU', 'a'], ['OU', 'b']],
  [...subjectOf('leaf'), ['emailAddress', 'a@b']],
  [...subjectOf('leaf'), ['OU', 'a=#b']],
  [
    ['C', 'US'],
    ['ST', 'WA'],
    ['O', 'acme'],
    ['CN', ' a, b+c;d"e<f>g\\h '],
  ],
  [
    ['C', 'US'],
    ['ST', 'WA'],
    ['O', 'Müller'],
  ],
]
const identities = [
  '*',
  'x509.subject: C=US, ST=WA, O=acme',
  'x509.subject: CN=leaf, O=acme, S=WA, C=US',
  'x509.subject: C=US, ST=WA, O=M\\C3\\BCller',
  'x509.subject: C=US, ST=WA, O=acme, CN=\\ a\\, b\\+c\\;d\\"e\\<f\\>g\\\\h\\ ',
  'x509.subject: C=US, ST=WA, O=acme, CN=',
  'acme.id: leaf',
]
const scheme = `${prefix}signingScheme`
const time = `${prefix}signingTime`
const headers: readonly Readonly<Record<string, unknown>>[] = [
  { crit: [] },
  { crit: [scheme, `${prefix}expiry`] },
  { crit: [scheme, 'alg'] },
  { crit: [scheme, 'x'], x: 'y' },
  { x: 'y' },
  { [`${prefix}expiry`]: '2999-01-01T00:00:00Z' },
  { crit: [scheme, `${prefix}expiry`], [`${prefix}expiry`]: '2026-03-01T00:00:00Z' },
  { [time]: undefined },
  { [time]: '2026-03-01T00:00:00.5+08:00' },
  { [time]: '2026-02-30T00:00:00Z' },
  { [`${prefix}authenticSigningTime`]: '2026-03-01T00:00:00Z' },
  { [`${prefix}verificationPlugin`]: 'a' },
  { alg: 'ES384' },
  { cty: 'x' },
  { [scheme]: 'x' },
]

const table = (): readonly Case[] => [
  ...both('good', { chain }),
  ...both('of an authority', { chain, scheme: 'notary.x509.signingAuthority' }),
  ...both('that has expired', { chain, expiry: '2026-05-01T00:00:00Z' }),
  ...both('without its root', { chain: chain.slice(0, 2) }),
  ...both('of another image', { chain, payload: payloadOf({ ...target, sizeBytes: 1 }) }),
  ...both('with a timestamp', { chain, token }, timestamped),
  ...both('without a timestamp', { chain }, timestamped),
  ...both('with the timestamp of another', { chain, token: () => timestampToken(Buffer.from('x'), { tsa }) }, timestamped),
  ...leaves.flatMap(options =>
    both(JSON.stringify(options), { chain: [issue({ issuer: root, ...options }), root] }, { trustedIdentities: ['*'] }),
  ),
  ...subjects.flatMap(subject =>
    identities.flatMap(identity =>
      both(
        `${JSON.stringify(subject)} ${identity}`,
        { chain: [issue({ issuer: root, subject }), root] },
        { trustedIdentities: [identity] },
      ),
    ),
  ),
  ...headers.map(header => ({
    what: JSON.stringify(header),
    envelope: jwsEnvelope({ chain, header }),
    mediaType: jws,
    policy: policyBytes(),
  })),
]

/** One bit changed, in the envelope or in the policy. */
const flipped = (seed: number): readonly Case[] => {
  const policy = policyBytes(timestamped)
  const bases = both('', { chain, token }, timestamped)
  const flip = (bytes: Buffer, place: number): Buffer => {
    const changed = Buffer.from(bytes)
    const bit = Math.floor(place * bytes.length * 8)
    changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7))
    return changed
  }
  const places = fc.sample(
    fc.noBias(fc.nat(999_999)).map(part => part / 1_000_000),
    { seed, numRuns: 2000 },
  )
  return places.flatMap(place => [
    ...bases.map(base => ({ ...base, what: `${base.mediaType} at ${place}`, envelope: flip(base.envelope, place) })),
    { ...bases[0]!, what: `policy at ${place}`, policy: flip(policy, place) },
  ])
}

describe('signatures, verified by notation-go itself', () => {
  let oracle: string
  let config: string
  before(async function () {
    const go = debian(this, 'go')
    this.timeout(10 * 60_000)
    const folder = temporaryFolder('notation-go')
    copyFileSync(fileURLToPath(new URL('./notation-go/main.go', import.meta.url)), join(folder, 'main.go'))
    writeFileSync(join(folder, 'go.mod'), 'module interop/notation-go\n\ngo 1.24.0\n')
    const options = { cwd: folder, env: { GOFLAGS: '-mod=mod', CGO_ENABLED: '0' }, timeoutMs: 9 * 60_000 }
    await succeed(go, ['get', `github.com/notaryproject/notation@${notation}`], options)
    await succeed(go, ['build', '-o', 'oracle', '.'], options)
    oracle = join(folder, 'oracle')
    config = join(folder, 'config')
    for (const [type, name, certificate] of [
      ['ca', 'acme', root],
      ['signingAuthority', 'acme', root],
      ['tsa', 'clock', tsa[1]!],
    ] as const) {
      mkdirSync(join(config, 'truststore/x509', type, name), { recursive: true })
      writeFileSync(join(config, 'truststore/x509', type, name, 'root.crt'), certificate.der)
    }
  })

  const reference = `${repository}@${target.digest}`
  const ask = async (cases: readonly Case[]): Promise<readonly string[]> => {
    const descriptor = { mediaType: target.mediaType, digest: target.digest, size: target.sizeBytes }
    const input = cases.map(({ envelope, mediaType, policy }) =>
      JSON.stringify({
        envelope: envelope.toString('base64'),
        mediaType,
        reference,
        descriptor,
        policy: policy.toString('base64'),
        config,
      }),
    )
    const output = await succeed(oracle, [], { input: input.join('\n') })
    return output
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as string)
  }
  const ours = async ({ envelope, mediaType, policy: text }: Case): Promise<boolean> => {
    try {
      const policy = parseTrustPolicy(text, 'trustpolicy.json')
      const trustStores = await readTrustStores(config, storesIn(policy))
      return verifyNotation({ envelope, mediaType, reference, target, policy, trustStores, crls: [], at: new Date() }).verdict !== 'failed'
    } catch (error) {
      if (error instanceof PreflightError) return false
      throw error
    }
  }

  for (const [name, cases, share] of [
    ['of every kind that the rules tell apart', table, 0.1],
    ['with one bit changed (seed 1)', () => flipped(1), 0.05],
    ['with one bit changed (seed 2)', () => flipped(2), 0.05],
  ] as const) {
    it(`${name}: none passes here that notation refuses, and few that it takes are refused`, async function () {
      this.timeout(120_000)
      const all = cases()
      const answers = await ask(all)
      let stricter = 0
      for (const [index, one] of all.entries()) {
        const [mine, theirs] = [await ours(one), answers[index]!]
        if (mine) expect(theirs, one.what).to.equal('')
        else if (theirs === '') stricter += 1
      }
      expect(answers.filter(answer => answer === '').length, 'taken by notation').to.be.greaterThan(50)
      expect(stricter / all.length, 'refused here alone').to.be.lessThan(share)
    })
  }
})
