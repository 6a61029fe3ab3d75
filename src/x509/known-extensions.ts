import { childrenOf, context, contextPrimitive, cursorOf, readDer, tags } from './der.ts'
import { type Extension, type Extensions, extensionOids } from './extensions.ts'
import { X509Error } from './x509-error.ts'

/**
 * Refuses extensions that nothing here uses and that Go's crypto/x509 (1.26 parser.go) reads all the same, when it could not:
 * notation takes no certificate with one of them.
 *
 * @throws X509Error
 */
export const checkKnownExtensions = (extensions: Extensions): void => {
  for (const [oid, extension] of extensions) readers.get(oid)?.(extension)
}

type Check = (extension: Extension) => void

const notCritical = ({ critical }: Extension, name: string): void => {
  if (critical) throw new X509Error(`${name} may not be critical`)
}

const sequenceIn = ({ value }: Extension, name: string) => childrenOf(readDer(value, tags.sequence, name), name)

const readers: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    extensionOids.subjectKeyIdentifier,
    extension => {
      notCritical(extension, 'subjectKeyIdentifier')
      readDer(extension.value, tags.octetString, 'subjectKeyIdentifier')
    },
  ],
  [
    extensionOids.authorityKeyIdentifier,
    extension => {
      notCritical(extension, 'authorityKeyIdentifier')
      sequenceIn(extension, 'authorityKeyIdentifier')
    },
  ],
  [extensionOids.authorityInfoAccess, extension => notCritical(extension, 'authorityInfoAccess')],
  [extensionOids.subjectAltName, extension => void readAlternativeNames(extension)],
  [
    extensionOids.nameConstraints,
    extension => {
      const trees = sequenceIn(extension, 'nameConstraints')
      if (trees.every(({ content }) => content.length === 0) || trees.some(({ tag }) => tag !== context(0) && tag !== context(1)))
        throw new X509Error('nameConstraints constrains nothing')
    },
  ],
  [
    extensionOids.certificatePolicies,
    extension => {
      for (const policy of sequenceIn(extension, 'certificatePolicies')) cursorOf(policy).next(tags.oid, 'certificatePolicies')
    },
  ],
  [extensionOids.policyMappings, extension => void sequenceIn(extension, 'policyMappings')],
  [extensionOids.policyConstraints, extension => void sequenceIn(extension, 'policyConstraints')],
  [extensionOids.inhibitAnyPolicy, ({ value }) => void readDer(value, tags.integer, 'inhibitAnyPolicy')],
])

/** Tags of the names that Go understands: addresses, hosts, URIs, IP addresses (RFC 5280 4.2.1.6). */
const [mail, host, uri, ip] = [1, 2, 6, 7].map(contextPrimitive)

/** How many of the alternative names are of a kind that is understood. */
const readAlternativeNames = (extension: Extension): number =>
  sequenceIn(extension, 'subjectAltName').filter(({ tag, content }) => {
    if ((tag === mail || tag === host || tag === uri) && content.some(byte => byte > 0x7f))
      throw new X509Error('subjectAltName has a name that is not ASCII')
    if (tag === ip && content.length !== 4 && content.length !== 16) throw new X509Error('subjectAltName has an address of another length')
    return tag === mail || tag === host || tag === uri || tag === ip
  }).length

/** A critical subjectAltName of which no name is understood is not understood as a whole. */
export const understandsAlternativeNames = (extensions: Extensions): boolean => {
  const extension = extensions.get(extensionOids.subjectAltName)
  return extension === undefined || !extension.critical || readAlternativeNames(extension) > 0
}
