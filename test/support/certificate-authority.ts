import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type KeyUsageBit, keyUsageBits } from '../../src/x509/extensions.ts'
import {
  bits,
  bool,
  der,
  explicit,
  generalizedTime,
  implicit,
  integer,
  namedBits,
  nil,
  octets,
  oid,
  sequence,
  set,
  utf8,
} from './der-writer.ts'

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'RSA 1024' | 'RSA 2048' | 'RSA 3072' | 'RSA 4096' | 'ed25519'

export interface Pair {
  readonly kind: KeyKind
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const pairs = new Map<string, Pair>()

/** A key pair; RSA takes a second to make, so that the same `kind` and `name` give the same pair. */
export const pairOf = (kind: KeyKind, name = ''): Pair => {
  const known = pairs.get(kind + name)
  if (known !== undefined) return known
  const pair = { kind, ...generate(kind) }
  pairs.set(kind + name, pair)
  return pair
}

const generate = (kind: KeyKind): Omit<Pair, 'kind'> => {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind.startsWith('RSA')) return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) })
  return generateKeyPairSync('ec', { namedCurve: kind })
}

/** `[type, value]`, in the order of the certificate. */
export type Subject = readonly (readonly [type: string, value: string])[]

const types: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  emailAddress: '1.2.840.113549.1.9.1',
}

export const subjectOf = (commonName: string): Subject => [
  ['C', 'US'],
  ['ST', 'WA'],
  ['O', 'acme'],
  ['CN', commonName],
]

export const nameOf = (subject: Subject): Buffer =>
  sequence(...subject.map(([type, value]) => set(sequence(oid(types[type] ?? type), utf8(value)))))

export interface Issued {
  readonly der: Buffer
  readonly pair: Pair
  readonly subject: Subject
}

export interface IssueOptions {
  readonly subject?: Subject
  readonly pair?: Pair
  /** Signs it; without one it signs itself. */
  readonly issuer?: Issued
  readonly notBefore?: string
  readonly notAfter?: string
  /** basicConstraints; undefined leaves the extension out. */
  readonly ca?: boolean | undefined
  readonly pathLength?: number
  /** undefined leaves the extension out. */
  readonly keyUsage?: readonly KeyUsageBit[] | undefined
  readonly keyUsageCritical?: boolean
  readonly purposes?: readonly string[]
  readonly purposesCritical?: boolean
  readonly crlUrls?: readonly string[]
  readonly ocsp?: string
  readonly extensions?: readonly Buffer[]
  readonly serial?: number
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  readonly version?: number
}

/** The purposes that the tests name (RFC 5280 4.2.1.12). */
export const codeSigning = '1.3.6.1.5.5.7.3.3'
export const timeStamping = '1.3.6.1.5.5.7.3.8'

let serials = 1000

/** A certificate (RFC 5280), a good leaf of a signer unless the options say otherwise. */
export const issue = (options: IssueOptions = {}): Issued => {
  const { subject = subjectOf('leaf'), pair = pairOf('P-256', 'leaf'), issuer, version = 3 } = options
  const signer = issuer?.pair ?? pair
  const algorithm = signatureAlgorithm(signer.kind, options.hash ?? 'sha256')
  const list = extensionsOf(options)
  serials += 1
  const body = sequence(
    ...(version === 1 ? [] : [explicit(0, integer(version - 1))]),
    integer(options.serial ?? serials),
    algorithm,
    nameOf(issuer?.subject ?? subject),
    sequence(generalizedTime(options.notBefore ?? '2026-01-01T00:00:00Z'), generalizedTime(options.notAfter ?? '2027-01-01T00:00:00Z')),
    nameOf(subject),
    pair.publicKey.export({ type: 'spki', format: 'der' }),
    ...(list.length === 0 || version === 1 ? [] : [explicit(3, sequence(...list))]),
  )
  return { der: sequence(body, algorithm, bits(signWith(signer, body, options.hash ?? 'sha256'))), pair, subject }
}

/** A root or, with an issuer, an authority below one. */
export const issueAuthority = (options: IssueOptions = {}): Issued =>
  issue({ subject: subjectOf('root'), pair: pairOf('P-256', 'root'), ca: true, keyUsage: ['keyCertSign', 'cRLSign'], ...options })

export const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [bool(true)] : []), octets(value))

const extensionsOf = (options: IssueOptions): readonly Buffer[] => {
  const { ca, pathLength, keyUsageCritical = true, purposes, purposesCritical = false, crlUrls, ocsp, extensions = [] } = options
  const keyUsage = 'keyUsage' in options ? options.keyUsage : (['digitalSignature'] as const)
  const limits = pathLength === undefined ? [] : [integer(pathLength)]
  return [
    ...(ca === undefined ? [] : [extension('2.5.29.19', true, sequence(...(ca ? [bool(true)] : []), ...limits))]),
    ...(keyUsage === undefined ? [] : [extension('2.5.29.15', keyUsageCritical, namedBits(keyUsage.map(bit => keyUsageBits[bit])))]),
    ...(purposes === undefined ? [] : [extension('2.5.29.37', purposesCritical, sequence(...purposes.map(oid)))]),
    ...(crlUrls === undefined ? [] : [extension('2.5.29.31', false, distributionPoints(crlUrls))]),
    ...(ocsp === undefined
      ? []
      : [extension('1.3.6.1.5.5.7.1.1', false, sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), implicit(6, Buffer.from(ocsp)))))]),
    ...extensions,
  ]
}

export const distributionPoints = (urls: readonly string[]): Buffer =>
  sequence(...urls.map(url => sequence(explicit(0, explicit(0, implicit(6, Buffer.from(url)))))))

export const signatureAlgorithm = (kind: KeyKind, hash: string): Buffer => {
  if (kind === 'ed25519') return sequence(oid('1.3.101.112'))
  const number = { sha256: 0, sha384: 1, sha512: 2 }[hash]
  if (kind.startsWith('RSA')) return sequence(oid(`1.2.840.113549.1.1.${number === undefined ? 5 : 11 + number}`), nil)
  return sequence(oid(number === undefined ? '1.2.840.10045.4.1' : `1.2.840.10045.4.3.${2 + number}`))
}

export const signWith = ({ kind, privateKey }: Pair, bytes: Uint8Array, hash: string): Buffer =>
  sign(kind === 'ed25519' ? null : hash, bytes, privateKey)

export interface CrlOptions {
  readonly issuer: Issued
  readonly revoked?: readonly {
    readonly certificate: Issued
    readonly at?: string
    readonly reason?: number
    readonly invalidSince?: string
    readonly extensions?: readonly Buffer[]
  }[]
  readonly thisUpdate?: string
  readonly nextUpdate?: string | undefined
  readonly number?: number
  /** Signs in the issuer's name. */
  readonly signer?: Pair
  readonly extensions?: readonly Buffer[]
}

/** The serial number of a certificate as it stands in it. */
export const serialOf = ({ der: bytes }: Issued): Buffer => {
  const from = bytes.indexOf(Buffer.from('a003020102', 'hex')) + 5
  return bytes.subarray(from, from + 2 + bytes[from + 1]!)
}

/** A certificate revocation list (RFC 5280 5). */
export const issueCrl = (options: CrlOptions): Buffer => {
  const { issuer, revoked = [], signer = issuer.pair, number = 1, extensions = [] } = options
  const nextUpdate = 'nextUpdate' in options ? options.nextUpdate : '2027-01-01T00:00:00Z'
  const algorithm = signatureAlgorithm(signer.kind, 'sha256')
  const entries = revoked.map(({ certificate, at = '2026-02-01T00:00:00Z', reason, invalidSince, extensions: own = [] }) => {
    const list = [
      ...(reason === undefined ? [] : [extension('2.5.29.21', false, der(0x0a, Buffer.from([reason])))]),
      ...(invalidSince === undefined ? [] : [extension('2.5.29.24', false, generalizedTime(invalidSince))]),
      ...own,
    ]
    return sequence(serialOf(certificate), generalizedTime(at), ...(list.length === 0 ? [] : [sequence(...list)]))
  })
  const body = sequence(
    integer(1),
    algorithm,
    nameOf(issuer.subject),
    generalizedTime(options.thisUpdate ?? '2026-01-15T00:00:00Z'),
    ...(nextUpdate === undefined ? [] : [generalizedTime(nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(0, sequence(extension('2.5.29.20', false, integer(number)), ...extensions)),
  )
  return sequence(body, algorithm, bits(signWith(signer, body, 'sha256')))
}

export const pemOf = (bytes: Uint8Array, label = 'CERTIFICATE'): string =>
  [
    `-----BEGIN ${label}-----`,
    ...(Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []),
    `-----END ${label}-----`,
    '',
  ].join('\n')
