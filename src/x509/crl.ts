import type { Certificate } from './certificate.ts'
import { context, contextPrimitive, cursorOf, type Der, readDer, tags } from './der.ts'
import { bigIntegerOf, booleanOf, smallIntegerOf, timeOf, wholeBitsOf } from './der-values.ts'
import { type Extensions, extensionOids, readDistributionPoints, readExtensions, urlsOfPointName } from './extensions.ts'
import { maySign } from './issuance.ts'
import { type Name, readName } from './name.ts'
import { readSignatureAlgorithm, type SignatureAlgorithm, verifies } from './signature-algorithm.ts'
import { X509Error } from './x509-error.ts'

/** A certificate revocation list (RFC 5280 5). Its entries are read when a certificate is looked up. */
export interface Crl {
  readonly tbs: Buffer
  readonly issuer: Name
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  readonly number: bigint | undefined
  /** Of a delta: the number of the oldest list that it completes. */
  readonly deltaOf: bigint | undefined
  readonly scope: CrlScope | undefined
  /** Where changes since then are published. */
  readonly freshestUrls: readonly string[]
  /** Critical ones that nothing here understands. */
  readonly unknownCritical: readonly string[]
  /** The encoded entries. */
  readonly entries: Buffer
  readonly signatureAlgorithm: SignatureAlgorithm | undefined
  readonly signature: Buffer
}

/** What an issuingDistributionPoint (RFC 5280 5.2.5) restricts the list to. */
export interface CrlScope {
  readonly urls: readonly string[]
  readonly only: 'users' | 'authorities' | undefined
  /** Some reasons only, attribute certificates, or other issuers' certificates. */
  readonly partial: boolean
}

export interface CrlEntry {
  readonly revokedAt: number
  readonly reason: number
  readonly invalidSince: number | undefined
}

/** As notation-core-go bounds it. */
export const maxCrlBytes = 32 << 20

const what = 'the CRL'

/** @throws X509Error */
export const parseCrl = (bytes: Uint8Array): Crl => {
  if (bytes.length > maxCrlBytes) throw new X509Error(`${what} is larger than ${maxCrlBytes >> 20} MiB`)
  const outer = cursorOf(readDer(bytes, tags.sequence, what))
  const tbs = outer.next(tags.sequence, what)
  const algorithm = outer.next(tags.sequence, what)
  const signature = wholeBitsOf(outer.next(tags.bitString, what), what)
  outer.end(what)
  const fields = cursorOf(tbs)
  const version = fields.optional(tags.integer)
  if (version === undefined || smallIntegerOf(version, what) !== 1) throw new X509Error(`${what} is not of version 2`)
  if (!fields.next(tags.sequence, what).bytes.equals(algorithm.bytes)) throw new X509Error(`${what} names two signature algorithms`)
  const issuer = readName(fields.next(tags.sequence, what), what)
  const thisUpdate = timeOf(fields.any(what), 'thisUpdate')
  const next = fields.optional(tags.utcTime) ?? fields.optional(tags.generalizedTime)
  const entries = fields.optional(tags.sequence)?.content ?? Buffer.alloc(0)
  const list = fields.optional(context(0))
  fields.end(what)
  const extensions: Extensions = list === undefined ? new Map() : readExtensions(readDer(list.content, tags.sequence, what), what)
  return {
    tbs: tbs.bytes,
    issuer,
    thisUpdate,
    nextUpdate: next && timeOf(next, 'nextUpdate'),
    number: numberIn(extensions, extensionOids.crlNumber),
    deltaOf: numberIn(extensions, extensionOids.deltaCrlIndicator),
    scope: readScope(extensions),
    freshestUrls: freshestOf(extensions),
    unknownCritical: [...extensions].flatMap(([oid, { critical }]) => (critical && !understood.includes(oid) ? [oid] : [])),
    entries,
    signatureAlgorithm: readSignatureAlgorithm(algorithm),
    signature,
  }
}

const understood: readonly string[] = [extensionOids.issuingDistributionPoint, extensionOids.deltaCrlIndicator]

const numberIn = (extensions: Extensions, oid: string): bigint | undefined => {
  const extension = extensions.get(oid)
  return extension && bigIntegerOf(readDer(extension.value, tags.integer, what), what)
}

const freshestOf = (extensions: Extensions): readonly string[] => {
  const extension = extensions.get(extensionOids.freshestCrl)
  return extension === undefined ? [] : readDistributionPoints(extension.value, 'freshestCRL')
}

const readScope = (extensions: Extensions): CrlScope | undefined => {
  const extension = extensions.get(extensionOids.issuingDistributionPoint)
  if (extension === undefined) return undefined
  const fields = cursorOf(readDer(extension.value, tags.sequence, 'issuingDistributionPoint'))
  const name = fields.optional(context(0))
  const flag = (number: number): boolean => {
    const field = fields.optional(contextPrimitive(number))
    return field !== undefined && booleanOf(field, 'issuingDistributionPoint')
  }
  const [users, authorities] = [flag(1), flag(2)]
  const reasons = fields.optional(contextPrimitive(3)) !== undefined
  const [indirect, attributes] = [flag(4), flag(5)]
  fields.end('issuingDistributionPoint')
  return {
    urls: name === undefined ? [] : urlsOfPointName(name, 'issuingDistributionPoint'),
    only: users ? 'users' : authorities ? 'authorities' : undefined,
    partial: reasons || indirect || attributes || (users && authorities),
  }
}

/** Whether `issuer` may sign CRLs and signed this one. */
export const isSignedBy = ({ signatureAlgorithm, tbs, signature }: Crl, issuer: Certificate): boolean =>
  maySign(issuer, 'cRLSign') &&
  issuer.key !== undefined &&
  signatureAlgorithm !== undefined &&
  verifies(signatureAlgorithm, issuer.key, tbs, signature)

/** The entries of one serial number; almost always none or one. @throws X509Error */
export const entriesOf = ({ entries }: Crl, serial: Buffer): readonly CrlEntry[] => {
  // A list may have a million entries: they are read only when the number's own encoding is somewhere in it.
  if (!entries.includes(Buffer.concat([Buffer.from([tags.integer, serial.length]), serial]))) return []
  const found: CrlEntry[] = []
  const cursor = cursorOf({ tag: tags.sequence, content: entries, bytes: entries })
  while (cursor.more) {
    const fields = cursorOf(cursor.next(tags.sequence, 'an entry of the CRL'))
    if (!fields.next(tags.integer, 'an entry of the CRL').content.equals(serial)) continue
    const revokedAt = timeOf(fields.any('an entry of the CRL'), 'the time of revocation')
    const list = fields.optional(tags.sequence)
    fields.end('an entry of the CRL')
    found.push({ revokedAt, ...readEntryExtensions(list) })
  }
  return found
}

const readEntryExtensions = (list: Der | undefined): Pick<CrlEntry, 'reason' | 'invalidSince'> => {
  const extensions: Extensions = list === undefined ? new Map() : readExtensions(list, 'an entry of the CRL')
  const reason = extensions.get(extensionOids.reasonCode)
  const invalid = extensions.get(extensionOids.invalidityDate)
  for (const [oid, { critical }] of extensions) {
    // Go reads the reason before it looks at what is critical; a critical reason is refused all the same (RFC 5280 5.3.1).
    if (critical && oid !== extensionOids.invalidityDate) throw new X509Error(`an entry of the CRL has the critical extension ${oid}`)
  }
  return {
    reason: reason === undefined ? 0 : smallIntegerOf(readDer(reason.value, tags.enumerated, 'the reason'), 'the reason'),
    invalidSince: invalid && timeOf(readDer(invalid.value, tags.generalizedTime, 'invalidityDate'), 'invalidityDate'),
  }
}
