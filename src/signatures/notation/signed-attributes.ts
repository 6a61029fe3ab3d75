import { Malformed } from '../malformed.ts'

/** Who says when it was signed: nobody that is trusted, or the signing service itself. */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority'

/** What the signer signed beside the payload. Times are milliseconds since 1970. */
export interface SignedAttributes {
  readonly scheme: SigningScheme
  /** Trusted under `notary.x509.signingAuthority` alone. */
  readonly signingTime: number
  readonly expiry: number | undefined
}

/** The protected header of either format. */
export interface ProtectedHeader {
  readonly contentType: string | undefined
  /** Names of all fields but algorithm, content type and `crit`; of numbers in COSE a text that is no name of notation's. */
  readonly names: readonly string[]
  readonly critical: readonly string[]
  /** What may be critical beside what must be. */
  readonly mayBeCritical: readonly string[]
  /** @throws Malformed */
  text(name: string): string | undefined
  /** @throws Malformed */
  time(name: string): number | undefined
}

export const payloadType = 'application/vnd.cncf.notary.payload.v1+json'
const prefix = 'io.cncf.notary.'
export const attributes = {
  scheme: `${prefix}signingScheme`,
  signingTime: `${prefix}signingTime`,
  authenticSigningTime: `${prefix}authenticSigningTime`,
  expiry: `${prefix}expiry`,
  plugin: `${prefix}verificationPlugin`,
  pluginMinVersion: `${prefix}verificationPluginMinVersion`,
} as const

const schemes: readonly SigningScheme[] = ['notary.x509', 'notary.x509.signingAuthority']
/** Go's zero time, which there means that none was set. */
const zeroTime = Date.parse('0001-01-01T00:00:00Z')

/**
 * Judges the signed attributes (signature-specification.md at v1.1.0, "Signed Attributes"). An attribute that is critical and
 * not understood fails it, as the specification demands and notation's program does not; so do those that ask for a plugin,
 * of which there are none here.
 *
 * @throws Malformed
 */
export const readSignedAttributes = (header: ProtectedHeader): SignedAttributes => {
  if (header.contentType !== payloadType)
    throw new Malformed(`the payload is ${header.contentType === undefined ? 'of no type' : `a ${header.contentType}`}, not ${payloadType}`)
  const scheme = schemes.find(one => one === header.text(attributes.scheme))
  if (scheme === undefined) throw new Malformed(`the signing scheme ${JSON.stringify(header.text(attributes.scheme) ?? '')} is not known`)
  refusePlugins(header)
  const expiry = header.time(attributes.expiry)
  const authority = scheme === 'notary.x509.signingAuthority'
  refuseCritical(header, [
    attributes.scheme,
    ...(authority ? [attributes.authenticSigningTime] : []),
    ...(header.names.includes(attributes.expiry) ? [attributes.expiry] : []),
  ])
  const [mine, other] = authority
    ? [attributes.authenticSigningTime, attributes.signingTime]
    : [attributes.signingTime, attributes.authenticSigningTime]
  if (header.names.includes(other)) throw new Malformed(`${other} may not be there under ${scheme}`)
  const signingTime = header.time(mine)
  if (signingTime === undefined || signingTime === zeroTime) throw new Malformed(`${mine} is missing under ${scheme}`)
  if (expiry !== undefined && expiry <= signingTime) throw new Malformed('it expires before it was signed, or in the same moment')
  return { scheme, signingTime, expiry }
}

const refusePlugins = ({ names, text }: ProtectedHeader): void => {
  if (names.includes(attributes.plugin))
    throw new Malformed(`it asks for the verification plugin ${JSON.stringify(text(attributes.plugin) ?? '')}, and no plugin is run here`)
  if (names.includes(attributes.pluginMinVersion))
    throw new Malformed('it asks for a version of a verification plugin, and no plugin is run here')
}

const refuseCritical = ({ critical, names, mayBeCritical }: ProtectedHeader, must: readonly string[]): void => {
  if (critical.length === 0) throw new Malformed('crit is missing or empty')
  if (new Set(critical).size < critical.length) throw new Malformed('crit names an attribute twice')
  for (const name of critical) {
    if (!must.includes(name) && !mayBeCritical.includes(name))
      throw new Malformed(`the attribute ${JSON.stringify(name)} is critical, and not one that is understood here`)
    if (!names.includes(name)) throw new Malformed(`crit names ${name}, which is not there`)
  }
  const missing = must.filter(name => !critical.includes(name))
  if (missing.length > 0) throw new Malformed(`${missing.join(', ')} must be critical, and crit does not name it`)
}
