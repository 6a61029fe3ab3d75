import { childrenOf, context, contextPrimitive, cursorOf, type Der, readDer, tags } from './der.ts'
import { booleanOf, namedBitsOf, oidOf, smallIntegerOf } from './der-values.ts'
import { X509Error } from './x509-error.ts'

export interface Extension {
  readonly critical: boolean
  readonly value: Buffer
}

/** By object identifier. */
export type Extensions = ReadonlyMap<string, Extension>

/** RFC 5280 4.2 and 5.2. */
export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const

/** Bits of KeyUsage (RFC 5280 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const
export type KeyUsageBit = keyof typeof keyUsageBits

/** Far more than any certificate or CRL has. */
const maxExtensions = 64

/** `Extensions` (RFC 5280 4.1); none may come twice. @throws X509Error */
export const readExtensions = (list: Der, what: string): Extensions => {
  const extensions = new Map<string, Extension>()
  for (const der of childrenOf(list, what)) {
    if (der.tag !== tags.sequence) throw new X509Error(`${what} is not a list of extensions`)
    const fields = cursorOf(der)
    const oid = oidOf(fields.next(tags.oid, what), what)
    const flag = fields.optional(tags.boolean)
    const critical = flag !== undefined && booleanOf(flag, what)
    const value = fields.next(tags.octetString, what).content
    fields.end(what)
    if (extensions.has(oid)) throw new X509Error(`${what} has the extension ${oid} twice`)
    extensions.set(oid, { critical, value })
    if (extensions.size > maxExtensions) throw new X509Error(`${what} has more than ${maxExtensions} extensions`)
  }
  return extensions
}

export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength: number | undefined
  readonly critical: boolean
}

/** Undefined when there is none. @throws X509Error */
export const readBasicConstraints = (extensions: Extensions): BasicConstraints | undefined => {
  const extension = extensions.get(extensionOids.basicConstraints)
  if (extension === undefined) return undefined
  const fields = cursorOf(readDer(extension.value, tags.sequence, 'basicConstraints'))
  const flag = fields.optional(tags.boolean)
  const length = fields.optional(tags.integer)
  fields.end('basicConstraints')
  return {
    ca: flag !== undefined && booleanOf(flag, 'basicConstraints'),
    pathLength: length === undefined ? undefined : smallIntegerOf(length, 'pathLenConstraint'),
    critical: extension.critical,
  }
}

export interface KeyUsage {
  readonly bits: ReadonlySet<number>
  readonly critical: boolean
}

/** @throws X509Error */
export const readKeyUsage = (extensions: Extensions): KeyUsage | undefined => {
  const extension = extensions.get(extensionOids.keyUsage)
  if (extension === undefined) return undefined
  return { bits: namedBitsOf(readDer(extension.value, tags.bitString, 'keyUsage'), 'keyUsage'), critical: extension.critical }
}

export interface ExtendedKeyUsage {
  readonly purposes: readonly string[]
  readonly critical: boolean
}

/** @throws X509Error */
export const readExtendedKeyUsage = (extensions: Extensions): ExtendedKeyUsage | undefined => {
  const extension = extensions.get(extensionOids.extendedKeyUsage)
  if (extension === undefined) return undefined
  const purposes = childrenOf(readDer(extension.value, tags.sequence, 'extKeyUsage'), 'extKeyUsage').map(der => {
    if (der.tag !== tags.oid) throw new X509Error('extKeyUsage is not a list of purposes')
    return oidOf(der, 'extKeyUsage')
  })
  return { purposes, critical: extension.critical }
}

/** The URLs of `CRLDistributionPoints` (RFC 5280 4.2.1.13), also of a freshestCRL. @throws X509Error */
export const readDistributionPoints = (value: Buffer, what: string): readonly string[] =>
  childrenOf(readDer(value, tags.sequence, what), what).flatMap(point => {
    const name = cursorOf(point).optional(context(0))
    return name === undefined ? [] : urlsOfPointName(name, what)
  })

/** URLs of a `DistributionPointName` in its explicit tag. @throws X509Error */
export const urlsOfPointName = (name: Der, what: string): readonly string[] => {
  const full = cursorOf(name).optional(context(0))
  if (full === undefined) return []
  return childrenOf(full, what).flatMap(({ tag, content }) => (tag === contextPrimitive(6) ? [content.toString('latin1')] : []))
}

const ocspMethod = '1.3.6.1.5.5.7.48.1'

/** Whether the authority names an OCSP responder (RFC 5280 4.2.2.1). @throws X509Error */
export const namesOcsp = (extensions: Extensions): boolean => {
  const extension = extensions.get(extensionOids.authorityInfoAccess)
  if (extension === undefined) return false
  const what = 'authorityInfoAccess'
  return childrenOf(readDer(extension.value, tags.sequence, what), what).some(description => {
    const fields = cursorOf(description)
    return oidOf(fields.next(tags.oid, what), what) === ocspMethod && fields.any(what).tag === contextPrimitive(6)
  })
}
