import { type DistinguishedName, nameFault } from '../../policy/notation/distinguished-name.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { attributeNames } from '../../x509/name.ts'

/**
 * The subject of a signer as trusted identities are compared with it. Notation writes the subject down and reads it like an
 * identity of a policy, so that one without C, ST and O, with an attribute twice or of a kind that Go has no name for matches no
 * identity but `*`; so it is here.
 *
 * @returns why it cannot be compared, after "it", when it cannot
 */
export const leafIdentity = ({ subject }: Certificate): DistinguishedName | string => {
  const attributes = new Map<string, string>()
  for (const { oid, value } of subject.attributes) {
    const name = attributeNames.get(oid)
    if (name === undefined) return `has the attribute ${oid}, which notation does not compare`
    if (value === undefined) return `has ${name} in an encoding that is not compared`
    if (value.includes('=#')) return `has ${name} with "=#", which notation does not read`
    if (attributes.has(name)) return `has ${name} twice`
    if (value !== '') attributes.set(name, value)
  }
  return nameFault(attributes) ?? attributes
}
