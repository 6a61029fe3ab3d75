import { type NotationOptions, notationReferrer } from '../support/attached.ts'
import { type Issued, type IssueOptions, issue, issueAuthority, pairOf, subjectOf } from '../support/certificate-authority.ts'
import { type Artifact, inTotoType, type Subject } from '../support/cosign.ts'
import {
  type CoseOptions,
  cose,
  coseEnvelope,
  type EnvelopeOptions,
  type JwsOptions,
  jws,
  jwsEnvelope,
  type PolicyOptions,
  payloadOf,
  prefix,
  timestampToken,
  tsaOf,
} from '../support/notation.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

/** An image with what notation would find on it, and a trust policy; both programs say whether it may be used. */
export interface NotationCase {
  readonly title: string
  readonly image?: Pick<ReturnType<typeof tinyImage>, 'digest' | 'mediaType' | 'bytes' | 'pushed'>
  readonly hang: (image: Subject) => readonly Artifact[]
  readonly policy?: PolicyOptions
  readonly accepted: boolean
  /** Of ours, for each signature: where it fails, or that it does not. */
  readonly outcomes: readonly string[]
  /** Where notation decides otherwise, and why. */
  readonly notation?: { readonly accepted: boolean; readonly because: string }
}

/** Certificates that are valid today, whenever that is. */
const valid = { notBefore: '2020-01-01T00:00:00Z', notAfter: '2049-01-01T00:00:00Z' }
export const root = issueAuthority(valid)
const middle = issueAuthority({ ...valid, subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
/** Nobody that a policy trusts. */
export const stranger = issueAuthority({ ...valid, subject: subjectOf('stranger'), pair: pairOf('P-256', 'stranger') })
export const tsa = tsaOf()
const leafOf = (options: IssueOptions = {}): Issued => issue({ ...valid, issuer: root, ...options })
const chain: readonly Issued[] = [leafOf(), root]
const long: readonly Issued[] = [issue({ ...valid, issuer: middle }), middle, root]
const expired: readonly Issued[] = [leafOf({ notAfter: '2026-04-01T00:00:00Z' }), root]
const other = tinyImage('another')

type Change = Omit<JwsOptions & CoseOptions, 'header' | 'envelope' | 'unsigned'>
const targetOf = ({ mediaType, digest, bytes }: Subject) => ({ mediaType, digest, sizeBytes: bytes.length })
const signed = (image: Subject, options: EnvelopeOptions): EnvelopeOptions => ({ chain, payload: payloadOf(targetOf(image)), ...options })
const hungJws = (image: Subject, options: JwsOptions = {}, more: NotationOptions = {}): Artifact =>
  notationReferrer(image, { envelope: jwsEnvelope(signed(image, options)), mediaType: jws, ...more })
const hungCose = (image: Subject, options: CoseOptions = {}, more: NotationOptions = {}): Artifact =>
  notationReferrer(image, { envelope: coseEnvelope(signed(image, options)), mediaType: cose, ...more })

interface Judged {
  readonly policy?: PolicyOptions
  /** Default: it is accepted. */
  readonly fails?: string
  readonly notation?: Exclude<NotationCase['notation'], undefined>
}
/** The same in both formats. */
const both = (title: string, options: Change | ((image: Subject) => Change), { fails, ...rest }: Judged = {}): readonly NotationCase[] =>
  (
    [
      ['JWS', hungJws],
      ['COSE', hungCose],
    ] as const
  ).map(([format, hung]) => ({
    title: `${title}, as ${format}`,
    hang: image => [hung(image, typeof options === 'function' ? options(image) : options)],
    accepted: fails === undefined,
    outcomes: [fails ?? 'verified'],
    ...rest,
  }))
const one = (title: string, hang: NotationCase['hang'], outcomes: readonly string[], { fails: _, ...rest }: Judged = {}): NotationCase => ({
  title,
  hang,
  accepted: outcomes.includes('verified'),
  outcomes,
  ...rest,
})

const token = (signature: Buffer): Buffer => timestampToken(signature, { tsa })
const withClock: PolicyOptions = { trustStores: ['ca:acme', 'tsa:clock'] }
const scheme = `${prefix}signingScheme`
/** One character of a field of the envelope, which is JSON, is another. */
const changedText = (image: Subject, field: 'payload' | 'protected' | 'signature'): Artifact => {
  const envelope = JSON.parse(jwsEnvelope(signed(image, {})).toString())
  const bytes = Buffer.from(envelope[field], 'base64url')
  bytes[bytes.length >> 1]! ^= 1
  return notationReferrer(image, { envelope: Buffer.from(JSON.stringify({ ...envelope, [field]: bytes.toString('base64url') })) })
}
const withChain = (image: Subject, certificates: readonly Issued[]): Artifact => {
  const envelope = JSON.parse(jwsEnvelope(signed(image, {})).toString())
  const x5c = certificates.map(({ der }) => der.toString('base64'))
  return notationReferrer(image, { envelope: Buffer.from(JSON.stringify({ ...envelope, header: { ...envelope.header, x5c } })) })
}

export const notationCases: readonly NotationCase[] = [
  ...both('a good signature', {}),
  ...both('with an intermediate', { chain: long }),
  ...both('with RSA', { chain: [leafOf({ pair: pairOf('RSA 2048', 'leaf') }), root] }),
  ...both('with P-384', { chain: [leafOf({ pair: pairOf('P-384', 'leaf') }), root] }),
  ...both(
    'of a signing authority',
    { chain, scheme: 'notary.x509.signingAuthority' },
    { policy: { trustStores: ['signingAuthority:acme'] } },
  ),
  ...both('that expires one day', { expiry: '2048-01-01T00:00:00Z' }),
  ...both('that has expired', { expiry: '2026-05-01T00:00:00Z' }, { fails: 'failed at expiry' }),
  ...both('that has expired, which is only logged', { expiry: '2026-05-01T00:00:00Z' }, { policy: { level: 'permissive' } }),
  ...both('with a certificate that has expired', { chain: expired }, { fails: 'failed at authenticTimestamp' }),
  ...both('with a certificate that has expired, stamped before', { chain: expired, token }, { policy: withClock }),
  ...both(
    'with a certificate that has expired, and the timestamp of another signature',
    { chain: expired, token: () => timestampToken(Buffer.from('x'), { tsa }) },
    { policy: withClock, fails: 'failed at authenticTimestamp' },
  ),
  ...both(
    'stamped after its certificate had expired',
    { chain: expired, token: signature => timestampToken(signature, { tsa, time: '2026-04-02T00:00:00Z' }) },
    { policy: withClock, fails: 'failed at authenticTimestamp' },
  ),
  ...both('without a timestamp where one is asked for', {}, { policy: withClock, fails: 'failed at authenticTimestamp' }),
  ...both(
    'with a timestamp of an unknown authority',
    { token: signature => timestampToken(signature, { tsa: tsaOf({ pair: pairOf('P-256', 'tsa 2') }) }) },
    { policy: { trustStores: ['ca:acme', 'tsa:other'] }, fails: 'failed at authenticTimestamp' },
  ),
  ...both('of somebody that no trust store has', { chain: [leafOf({ issuer: stranger }), stranger] }, { fails: 'failed at authenticity' }),
  ...both('where another trust store is asked for', {}, { policy: { trustStores: ['ca:stranger'] }, fails: 'failed at authenticity' }),
  ...both('where the trust store does not exist', {}, { policy: { trustStores: ['ca:none'] }, fails: 'failed at authenticity' }),
  ...both('in a trust store of another type', {}, { policy: { trustStores: ['signingAuthority:acme'] }, fails: 'failed at authenticity' }),
  ...both(
    'by another identity',
    {},
    { policy: { trustedIdentities: ['x509.subject: C=US, ST=WA, O=else'] }, fails: 'failed at authenticity' },
  ),
  ...both('by any identity', {}, { policy: { trustedIdentities: ['*'] } }),
  ...both('by the identity in full', {}, { policy: { trustedIdentities: ['x509.subject: CN=leaf, O=acme, ST=WA, C=US'] } }),
  ...both(
    'of an untrusted signer, which is only logged',
    { chain: [leafOf({ issuer: stranger }), stranger] },
    { policy: { level: 'audit' } },
  ),
  ...both('of another image', { payload: payloadOf(targetOf(other)) }, { fails: 'failed at artifact' }),
  ...both(
    'of another image, which no level lets pass',
    { payload: payloadOf(targetOf(other)) },
    { policy: { level: 'audit' }, fails: 'failed at artifact' },
  ),
  ...both('with a wrong size', image => ({ payload: payloadOf({ ...targetOf(image), sizeBytes: 1 }) }), { fails: 'failed at artifact' }),
  ...both('with a wrong media type', image => ({ payload: payloadOf({ ...targetOf(image), mediaType: 'a/b' }) }), {
    fails: 'failed at artifact',
  }),
  ...both('without the root of its chain', { chain: long.slice(0, 2) }, { fails: 'failed at integrity' }),
  ...both('with its chain the wrong way round', { chain: [long[0]!, root, middle] }, { fails: 'failed at integrity' }),
  ...both('by an authority itself', { chain: [root] }, { fails: 'failed at integrity' }),
  ...both(
    'with a certificate for timestamps',
    { chain: [leafOf({ purposes: ['1.3.6.1.5.5.7.3.8'] }), root] },
    { fails: 'failed at integrity' },
  ),
  ...both(
    'of a repository that no statement speaks of',
    {},
    { policy: { registryScopes: ['example.com/else'] }, fails: 'failed at policy' },
  ),
  one('with a changed payload', image => [changedText(image, 'payload')], ['failed at integrity']),
  one('with a changed header', image => [changedText(image, 'protected')], ['failed at integrity']),
  one('with a changed signature', image => [changedText(image, 'signature')], ['failed at integrity']),
  one('with another certificate of the same name', image => [withChain(image, [leafOf({ pair: pairOf('P-256', 'leaf 2') }), root])], [
    'failed at integrity',
  ]),
  one('with the chain of somebody else', image => [withChain(image, [leafOf({ issuer: stranger }), stranger])], ['failed at authenticity']),
  one(
    'with a critical header that nobody knows',
    image => [hungJws(image, { header: { crit: [scheme, 'x'], x: 'y' } })],
    ['failed at integrity'],
    {
      notation: { accepted: true, because: 'notation passes critical headers to a plugin, and to nobody where there is none' },
    },
  ),
  one('with a header that nobody knows', image => [hungJws(image, { header: { x: 'y' } })], ['verified']),
  one(
    'that names a plugin',
    image => [hungJws(image, { header: { crit: [scheme, `${prefix}verificationPlugin`], [`${prefix}verificationPlugin`]: 'a' } })],
    ['failed at integrity'],
  ),
  one('without a signing time', image => [hungJws(image, { header: { [`${prefix}signingTime`]: undefined } })], ['failed at integrity']),
  one('of another algorithm than its key', image => [hungJws(image, { header: { alg: 'ES384' } })], ['failed at integrity']),
  one('of another content type', image => [hungJws(image, { header: { cty: 'text/plain' } })], ['failed at integrity']),
  one('in a layer of the other format', image => [hungJws(image, {}, { mediaType: cose })], ['failed at integrity']),
  one('in a layer of no format', image => [hungJws(image, {}, { mediaType: inTotoType })], ['failed at integrity']),
  one('of notation 2, with its type in the manifest', image => [hungJws(image, {}, { shape: 'artifactType' })], ['verified']),
  one('deleted', () => [], []),
  one(
    'twice, of which one is of somebody else',
    image => [hungJws(image, { chain: [leafOf({ issuer: stranger }), stranger] }), hungCose(image)],
    ['failed at authenticity', 'verified'],
  ),
  one('twice, of which one cannot be read', image => [notationReferrer(image, { envelope: Buffer.from('{') }), hungJws(image)], [
    'failed at integrity',
    'verified',
  ]),
  { ...one('of an index', image => [hungCose(image)], ['verified']), image: tinyIndex('notation') },
  one('of nobody, where the policy skips', () => [], [], {
    policy: { level: 'skip' },
    notation: { accepted: true, because: 'notation ends well where it was told to skip, and here that is not verified' },
  }),
]
