import { type KeyObject, X509Certificate } from 'node:crypto'
import { Malformed } from '../malformed.ts'
import { childrenOf, context, type Der, expectTag, oidOf, readDer, sequenceOf, tags, timeOf } from './der.ts'

/** A certificate (RFC 5280 4.1), its fields as written. Nothing of it is proven. */
export interface Certificate {
  readonly der: Buffer
  /** The signed part, and what stands in it in order. */
  readonly tbs: readonly Der[]
  readonly serial: Buffer
  /** DER of the names, which chains are compared by. */
  readonly issuer: Buffer
  readonly subject: Buffer
  /** The same for people: `CN=…`; empty where they are. */
  inWords(): { readonly issuer: string; readonly subject: string }
  readonly notBefore: Date
  readonly notAfter: Date
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Buffer
  readonly publicKey: KeyObject
  readonly extensions: ReadonlyMap<string, Extension>
  readonly isAuthority: boolean
  /** Its key may make signatures that are none of certificates or lists (4.2.1.3, digitalSignature). */
  readonly maySign: boolean
  /** How many authorities may follow below it (4.2.1.9). */
  readonly pathLength: number
  /** Undefined: any. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined
  /** Whether the key of `issuer` made its signature, in a way that is safe. */
  isSignedBy(issuer: Certificate): boolean
}

export interface Extension {
  readonly critical: boolean
  /** What its octet string holds. */
  readonly value: Buffer
}

export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  sct: '1.3.6.1.4.1.11129.2.4.2',
} as const
/** Purposes (4.2.1.12). */
export const purposes = { any: '2.5.29.37.0', codeSigning: '1.3.6.1.5.5.7.3.3', timeStamping: '1.3.6.1.5.5.7.3.8' } as const

/** Understood here; another critical one makes a certificate useless (4.2). */
const understood = new Set<string>(Object.values(extensionOids))
/** ECDSA and RSA with SHA-2, RSA PSS, Ed25519: not SHA-1, which OpenSSL still verifies. Roots that are trusted may sign themselves with it. */
const signatureAlgorithms = new Set([
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.2.840.113549.1.1.10',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.3.101.112',
])
/** Certificates are some KiB. */
const maxBytes = 64 << 10

/** @throws Malformed */
export const readCertificate = (bytes: Uint8Array, what = 'the certificate'): Certificate => {
  if (bytes.length > maxBytes) throw new Malformed(`${what} is larger than ${maxBytes >> 10} KiB`)
  const root = readDer(bytes, what)
  const [signed, algorithm, , ...more] = sequenceOf(root, what)
  const tbs = sequenceOf(signed, what)
  const [version, serial, inner, issuer, validity, subject, spki] = tbs
  if (more.length > 0 || version?.raw.toString('hex') !== 'a003020102')
    throw new Malformed(`${what} is not an X.509 certificate of version 3`)
  const isSafe = signatureAlgorithms.has(oidOf(sequenceOf(algorithm, what)[0], what))
  if (!algorithm?.raw.equals(inner?.raw ?? Buffer.alloc(0))) throw new Malformed(`${what} names two algorithms for its signature`)
  const [notBefore, notAfter] = sequenceOf(validity, what)
  const extensions = extensionsOf(tbs, what)
  const openssl = parseWithNode(root.raw, what)
  return {
    der: root.raw,
    tbs,
    serial: expectTag(serial, tags.integer, what).content,
    issuer: expectTag(issuer, tags.sequence, what).raw,
    subject: expectTag(subject, tags.sequence, what).raw,
    inWords: () => inWords(openssl.certificate),
    notBefore: timeOf(notBefore, what),
    notAfter: timeOf(notAfter, what),
    spki: expectTag(spki, tags.sequence, what).raw,
    publicKey: openssl.publicKey,
    extensions,
    ...constraintsOf(extensions, what),
    extendedKeyUsage: purposesOf(extensions, what),
    isSignedBy: issuing => {
      try {
        return isSafe && openssl.certificate.verify(issuing.publicKey)
      } catch {
        return false
      }
    },
  }
}

/** Those that can be read: what came along and is trusted for nothing must not stand in the way of what is. */
export const readableCertificates = (ders: readonly Uint8Array[]): readonly Certificate[] =>
  ders.flatMap(der => {
    try {
      return [readCertificate(der)]
    } catch (error) {
      if (error instanceof Malformed) return []
      throw error
    }
  })

/** The extensions that are critical and not understood: who does not know what they restrict must not trust it. */
export const notUnderstood = ({ extensions }: Certificate): readonly string[] =>
  [...extensions].flatMap(([oid, { critical }]) => (critical && !understood.has(oid) ? [oid] : []))

/** Node gives undefined for an empty name, such as Fulcio's subjects have, though its types do not say so. */
const inWords = ({ issuer, subject }: { readonly issuer: string | undefined; readonly subject: string | undefined }) => ({
  issuer: issuer ?? '',
  subject: subject ?? '',
})

const parseWithNode = (der: Buffer, what: string) => {
  try {
    const certificate = new X509Certificate(der)
    return { certificate, publicKey: certificate.publicKey }
  } catch {
    throw new Malformed(`${what} cannot be read, or has an unknown kind of key`)
  }
}

const extensionsOf = (tbs: readonly Der[], what: string): ReadonlyMap<string, Extension> => {
  const list = tbs.find(({ tag }) => tag === context(3))
  const extensions = new Map<string, Extension>()
  if (list === undefined) return extensions
  for (const extension of sequenceOf(childrenOf(list, what)[0], what)) {
    const [id, ...rest] = sequenceOf(extension, what)
    const oid = oidOf(id, what)
    const critical = rest.length === 2 && expectTag(rest[0], tags.boolean, what).content[0] === 0xff
    if (extensions.has(oid)) throw new Malformed(`${what} has the extension ${oid} twice`)
    extensions.set(oid, { critical, value: expectTag(rest.at(-1), tags.octetString, what).content })
  }
  return extensions
}

const constraintsOf = (
  extensions: ReadonlyMap<string, Extension>,
  what: string,
): Pick<Certificate, 'isAuthority' | 'maySign' | 'pathLength'> => {
  const basic = extensions.get(extensionOids.basicConstraints)
  const [authority, length] = basic === undefined ? [] : sequenceOf(readDer(basic.value, what), what)
  const usage = extensions.get(extensionOids.keyUsage)
  // Behind the count of unused bits stand digitalSignature first and keyCertSign sixth (4.2.1.3); without the extension, any use is allowed.
  const bits = usage === undefined ? 0xff : (expectTag(readDer(usage.value, what), tags.bitString, what).content[1] ?? 0)
  const written = length === undefined ? undefined : expectTag(length, tags.integer, what).content
  return {
    isAuthority: authority?.tag === tags.boolean && authority.content[0] === 0xff && (bits & 0x04) !== 0,
    maySign: (bits & 0x80) !== 0,
    pathLength: written === undefined ? Number.POSITIVE_INFINITY : written.length === 1 ? (written[0] ?? 0) : 255,
  }
}

const purposesOf = (extensions: ReadonlyMap<string, Extension>, what: string): ReadonlySet<string> | undefined => {
  const usage = extensions.get(extensionOids.extendedKeyUsage)
  if (usage === undefined) return undefined
  return new Set(sequenceOf(readDer(usage.value, what), what).map(purpose => oidOf(purpose, what)))
}
