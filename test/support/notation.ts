import { constants, createHash, sign } from 'node:crypto'
import { parseTrustPolicy, type TrustPolicy } from '../../src/policy/notation/trust-policy.ts'
import { openTrustStore, type StoreType, type TrustStore } from '../../src/policy/notation/trust-store.ts'
import type { NotationInput, NotationTarget } from '../../src/signatures/notation/verify-notation.ts'
import { type CborInput, cbor, tagged } from './cbor-writer.ts'
import {
  type Issued,
  issue,
  issueAuthority,
  nameOf,
  type Pair,
  pairOf,
  serialOf,
  signatureAlgorithm,
  subjectOf,
  timeStamping,
} from './certificate-authority.ts'
import { explicit, generalizedTime, implicit, integer, nil, octets, oid, sequence, set } from './der-writer.ts'

export const jws = 'application/jose+json'
export const cose = 'application/cose'
export const prefix = 'io.cncf.notary.'
export const payloadType = 'application/vnd.cncf.notary.payload.v1+json'

export const target: NotationTarget = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${'5a'.repeat(32)}`,
  sizeBytes: 528,
}
export const repository = 'registry.example.com/acme/plugin'
export const payloadOf = ({ mediaType, digest, sizeBytes }: NotationTarget, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ targetArtifact: { mediaType, digest, size: sizeBytes, ...more } }))

/** Root, and a leaf that it issued. */
export const chainOf = (leaf: Parameters<typeof issue>[0] = {}, root: Parameters<typeof issueAuthority>[0] = {}): readonly Issued[] => {
  const authority = issueAuthority(root)
  return [issue({ issuer: authority, ...leaf }), authority]
}

const algorithms = {
  'P-256': { jws: 'ES256', cose: -7, hash: 'sha256' },
  'P-384': { jws: 'ES384', cose: -35, hash: 'sha384' },
  'P-521': { jws: 'ES512', cose: -36, hash: 'sha512' },
  'RSA 2048': { jws: 'PS256', cose: -37, hash: 'sha256' },
  'RSA 3072': { jws: 'PS384', cose: -38, hash: 'sha384' },
  'RSA 4096': { jws: 'PS512', cose: -39, hash: 'sha512' },
  'RSA 1024': { jws: 'PS256', cose: -37, hash: 'sha256' },
  ed25519: { jws: 'EdDSA', cose: -8, hash: 'sha256' },
} as const

export const signEnvelope = ({ kind, privateKey: key }: Pair, bytes: Uint8Array, saltLength?: number): Buffer => {
  const { hash } = algorithms[kind]
  if (kind === 'ed25519') return sign(null, bytes, key)
  if (!kind.startsWith('RSA')) return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' })
  return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST })
}

export interface EnvelopeOptions {
  readonly chain?: readonly Issued[]
  readonly payload?: Uint8Array
  readonly scheme?: 'notary.x509' | 'notary.x509.signingAuthority'
  readonly signingTime?: string
  readonly expiry?: string
  readonly saltLength?: number
  /** Of the finished signature. */
  readonly token?: (signature: Buffer) => Buffer
}

export interface JwsOptions extends EnvelopeOptions {
  /** Changes the protected header before it is signed; undefined takes a field out. */
  readonly header?: Readonly<Record<string, unknown>>
  /** The protected header as text, for what JSON.stringify cannot write. */
  readonly protectedText?: string
  /** Changes the envelope after it was signed. */
  readonly envelope?: Readonly<Record<string, unknown>>
  readonly unsigned?: Readonly<Record<string, unknown>>
}

export const timeNames = {
  'notary.x509': `${prefix}signingTime`,
  'notary.x509.signingAuthority': `${prefix}authenticSigningTime`,
} as const

const criticalOf = ({ scheme = 'notary.x509', expiry }: EnvelopeOptions): readonly string[] => [
  `${prefix}signingScheme`,
  ...(scheme === 'notary.x509' ? [] : [timeNames[scheme]]),
  ...(expiry === undefined ? [] : [`${prefix}expiry`]),
]

/** A JWS envelope as notation writes one. */
export const jwsEnvelope = (options: JwsOptions = {}): Buffer => {
  const { chain = chainOf(), payload = payloadOf(target), scheme = 'notary.x509', signingTime = '2026-03-01T00:00:00Z', expiry } = options
  const { pair } = chain[0]!
  const header = {
    alg: algorithms[pair.kind].jws,
    cty: payloadType,
    crit: criticalOf(options),
    [`${prefix}signingScheme`]: scheme,
    [timeNames[scheme]]: signingTime,
    ...(expiry === undefined ? {} : { [`${prefix}expiry`]: expiry }),
    ...options.header,
  }
  const protectedText = Buffer.from(options.protectedText ?? JSON.stringify(header)).toString('base64url')
  const payloadText = Buffer.from(payload).toString('base64url')
  const signature = signEnvelope(pair, Buffer.from(`${protectedText}.${payloadText}`), options.saltLength)
  return Buffer.from(
    JSON.stringify({
      payload: payloadText,
      protected: protectedText,
      header: {
        x5c: chain.map(({ der: bytes }) => bytes.toString('base64')),
        ...(options.token === undefined ? {} : { [`${prefix}timestampSignature`]: options.token(signature).toString('base64') }),
        [`${prefix}signingAgent`]: 'a test',
        ...options.unsigned,
      },
      signature: signature.toString('base64url'),
      ...options.envelope,
    }),
  )
}

export interface CoseOptions extends EnvelopeOptions {
  /** Changes the protected header before it is signed; undefined takes a label out. */
  readonly header?: readonly (readonly [CborInput, CborInput | undefined])[]
  /** The protected header as bytes. */
  readonly protectedBytes?: Uint8Array
  readonly unsigned?: readonly (readonly [CborInput, CborInput])[]
  /** Writes the envelope from its four parts. */
  readonly assemble?: (parts: {
    readonly protectedBytes: Buffer
    readonly unsigned: Map<CborInput, CborInput>
    readonly payload: Buffer
    readonly signature: Buffer
  }) => Buffer
}

export const epoch = (iso: string): { readonly raw: Buffer } => tagged(1, Date.parse(iso) / 1000)

/** A COSE_Sign1 envelope as notation writes one. */
export const coseEnvelope = (options: CoseOptions = {}): Buffer => {
  const { chain = chainOf(), scheme = 'notary.x509', signingTime = '2026-03-01T00:00:00Z', expiry } = options
  const payload = Buffer.from(options.payload ?? payloadOf(target))
  const { pair } = chain[0]!
  const header = new Map<CborInput, CborInput>([
    [1, algorithms[pair.kind].cose],
    [2, criticalOf(options)],
    [3, payloadType],
    [`${prefix}signingScheme`, scheme],
    [timeNames[scheme], epoch(signingTime)],
    ...(expiry === undefined ? [] : [[`${prefix}expiry`, epoch(expiry)] as const]),
  ])
  for (const [label, value] of options.header ?? []) {
    if (value === undefined) header.delete(label)
    else header.set(label, value)
  }
  const protectedBytes = Buffer.from(options.protectedBytes ?? cbor(header))
  const signature = signEnvelope(pair, cbor(['Signature1', protectedBytes, Buffer.alloc(0), payload]), options.saltLength)
  const unsigned = new Map<CborInput, CborInput>([
    [33, chain.map(({ der: bytes }) => bytes)],
    ...(options.token === undefined ? [] : [[`${prefix}timestampSignature`, options.token(signature)] as const]),
    [`${prefix}signingAgent`, 'a test'],
    ...(options.unsigned ?? []),
  ])
  const assemble = options.assemble ?? (parts => cbor(tagged(18, [parts.protectedBytes, parts.unsigned, parts.payload, parts.signature])))
  return assemble({ protectedBytes, unsigned, payload, signature })
}

export interface TokenOptions {
  readonly tsa?: readonly Issued[]
  readonly time?: string
  /** As written, with its dot. */
  readonly fraction?: string
  readonly accuracy?: { readonly seconds?: number; readonly millis?: number; readonly micros?: number }
  readonly policy?: string
  /** Certificates in the token; the chain unless set. */
  readonly certificates?: readonly Issued[]
  readonly versions?: { readonly data?: number; readonly signer?: number; readonly info?: number }
  /** Changes signed attributes, by their type, before they are signed; undefined takes one out. */
  readonly attributes?: Readonly<Record<string, Buffer | undefined>>
  /** Changes the list of encoded attributes before it is signed. */
  readonly list?: (attributes: readonly Buffer[]) => readonly Buffer[]
  /** Changes their order after that. */
  readonly sent?: (attributes: readonly Buffer[]) => readonly Buffer[]
}

export const attributeOids = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
}

/** A timestamp authority: a leaf for timestamps alone, and its root. */
export const tsaOf = (leaf: Parameters<typeof issue>[0] = {}): readonly Issued[] => {
  const root = issueAuthority({ subject: subjectOf('tsa root'), pair: pairOf('P-256', 'tsa root') })
  const subject = subjectOf('tsa')
  return [issue({ subject, pair: pairOf('P-256', 'tsa'), issuer: root, purposes: [timeStamping], purposesCritical: true, ...leaf }), root]
}

const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'))
const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

/** A TimeStampToken (RFC 3161 2.4.2). */
export const timestampToken = (message: Uint8Array, options: TokenOptions = {}): Buffer => {
  const { tsa = tsaOf(), time = '2026-03-01T00:00:05Z', fraction = '', accuracy, policy = '1.2.3.4' } = options
  const [leaf] = tsa
  const parts = accuracy && [
    ...(accuracy.seconds === undefined ? [] : [integer(accuracy.seconds)]),
    ...(accuracy.millis === undefined ? [] : [implicit(0, integer(accuracy.millis).subarray(2))]),
    ...(accuracy.micros === undefined ? [] : [implicit(1, integer(accuracy.micros).subarray(2))]),
  ]
  const info = sequence(
    integer(options.versions?.info ?? 1),
    oid(policy),
    sequence(sha256, octets(digestOf(message))),
    integer(42),
    generalizedTime(time, fraction),
    ...(parts === undefined ? [] : [sequence(...parts)]),
  )
  const attribute = (id: string, value: Buffer) => sequence(oid(id), set(value))
  const issuer = nameOf(tsa[1]?.subject ?? leaf!.subject)
  const values: Readonly<Record<string, Buffer | undefined>> = {
    [attributeOids.contentType]: oid('1.2.840.113549.1.9.16.1.4'),
    [attributeOids.messageDigest]: octets(digestOf(info)),
    [attributeOids.signingCertificateV2]: sequence(sequence(sequence(octets(digestOf(leaf!.der))))),
    ...options.attributes,
  }
  const encoded = Object.entries(values).flatMap(([id, value]) => (value === undefined ? [] : [attribute(id, value)]))
  const attributes = (options.list?.(encoded) ?? encoded).toSorted(Buffer.compare)
  const signature = sign('sha256', set(...attributes), leaf!.pair.privateKey)
  const rsa = leaf!.pair.kind.startsWith('RSA')
  const signer = sequence(
    integer(options.versions?.signer ?? 1),
    sequence(issuer, serialOf(leaf!)),
    sha256,
    explicit(0, ...(options.sent?.(attributes) ?? attributes)),
    rsa ? sequence(oid('1.2.840.113549.1.1.1'), nil) : signatureAlgorithm(leaf!.pair.kind, 'sha256'),
    octets(signature),
  )
  const data = sequence(
    integer(options.versions?.data ?? 3),
    set(sha256),
    sequence(oid('1.2.840.113549.1.9.16.1.4'), explicit(0, octets(info))),
    explicit(0, ...(options.certificates ?? tsa).map(({ der: bytes }) => bytes)),
    set(signer),
  )
  return sequence(oid('1.2.840.113549.1.7.2'), explicit(0, data))
}

export interface PolicyOptions {
  readonly level?: string
  readonly override?: Readonly<Record<string, string>>
  readonly verifyTimestamp?: string
  readonly registryScopes?: readonly string[]
  readonly trustStores?: readonly string[]
  readonly trustedIdentities?: readonly string[]
}

export const policyText = ({ level = 'strict', override, verifyTimestamp, ...rest }: PolicyOptions = {}): string =>
  JSON.stringify({
    version: '1.0',
    trustPolicies: [
      {
        name: 'plugins',
        registryScopes: ['*'],
        signatureVerification: { level, override, verifyTimestamp },
        ...(level === 'skip' ? {} : { trustStores: ['ca:acme'], trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] }),
        ...rest,
      },
    ],
  })

export const policyOf = (options: PolicyOptions = {}): TrustPolicy => parseTrustPolicy(policyText(options), 'trustpolicy.json')

export const storeOf = (type: StoreType, name: string, ...certificates: readonly Issued[]): TrustStore =>
  openTrustStore(
    { type, name },
    certificates.map(({ der: bytes }, index) => ({ file: `${index}.crt`, bytes })),
  )

/** Everything to verify the envelope with, all of it good. */
export const inputOf = (envelope: Uint8Array, mediaType: string, root: Issued, change: Partial<NotationInput> = {}): NotationInput => ({
  envelope,
  mediaType,
  reference: `${repository}@${target.digest}`,
  target,
  policy: policyOf(),
  trustStores: [storeOf('ca', 'acme', root)],
  crls: [],
  at: new Date('2026-06-01T00:00:00Z'),
  ...change,
})
