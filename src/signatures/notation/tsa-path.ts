import { type Certificate, sameCertificate } from '../../x509/certificate.ts'
import { extensionOids } from '../../x509/extensions.ts'
import { isIssuedBy } from '../../x509/issuance.ts'
import { understandsAlternativeNames } from '../../x509/known-extensions.ts'
import { showName } from '../../x509/name.ts'
import { Malformed } from '../malformed.ts'
import { anyPurpose, outsideValidity, showTime, timeStamping } from './certificate-chain.ts'

/** As Go bounds its search (crypto/x509 verify.go maxChainSignatureChecks), and more certificates than any path has. */
const limits = { signatureChecks: 100, path: 8 }

/** Extensions that Go 1.25's crypto/x509 understands: a critical one beyond them makes a certificate useless. */
const understood: readonly string[] = [
  extensionOids.subjectKeyIdentifier,
  extensionOids.keyUsage,
  extensionOids.subjectAltName,
  extensionOids.basicConstraints,
  extensionOids.nameConstraints,
  extensionOids.crlDistributionPoints,
  extensionOids.certificatePolicies,
  extensionOids.policyMappings,
  extensionOids.authorityKeyIdentifier,
  extensionOids.policyConstraints,
  extensionOids.extendedKeyUsage,
  extensionOids.inhibitAnyPolicy,
]

/**
 * The path from a timestamp's certificate to a trusted root, as crypto/x509's Verify builds it for the purpose of timestamps:
 * every certificate valid at that time, every authority allowed to sign for it. Beyond Go, authorities with name constraints
 * are not followed when the leaf has names for them to constrain.
 *
 * @throws Malformed
 */
export const tsaPath = (
  leaf: Certificate,
  intermediates: readonly Certificate[],
  roots: readonly Certificate[],
  at: number,
): readonly Certificate[] => {
  let checks = 0
  let closest: string | undefined
  const extend = (path: readonly Certificate[]): readonly Certificate[] | undefined => {
    const last = path.at(-1)!
    const unfit = unfitness(path, at)
    if (unfit !== undefined) {
      closest ??= unfit
      return undefined
    }
    if (path.length > 1 && roots.some(root => sameCertificate(root, last))) return path
    if (path.length === limits.path) return undefined
    for (const issuer of [...roots, ...intermediates]) {
      if (path.some(one => sameCertificate(one, issuer)) || !last.issuer.bytes.equals(issuer.subject.bytes)) continue
      checks += 1
      if (checks > limits.signatureChecks) throw new Malformed('the certificates of the token make up too many paths')
      const found = isIssuedBy(last, issuer) ? extend([...path, issuer]) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }
  const path = extend([leaf])
  if (path !== undefined) return path
  throw new Malformed(closest ?? `the certificate of ${showName(leaf.subject)} leads to no root of the tsa trust stores`)
}

/** Why the last certificate of a path may not stand there. */
const unfitness = (path: readonly Certificate[], at: number): string | undefined => {
  const certificate = path.at(-1)!
  const { subject, extensions, extendedKeyUsage, basicConstraints } = certificate
  const name = `the certificate of ${showName(subject)}`
  const outside = outsideValidity([certificate], at)
  if (outside !== undefined) return `${outside}, and the timestamp is of ${showTime(at)}`
  const unknown = [...extensions].find(([oid, { critical }]) => critical && !understood.includes(oid))
  if (unknown !== undefined) return `${name} has the critical extension ${unknown[0]}, which is not understood`
  if (!understandsAlternativeNames(extensions)) return `${name} has a critical subjectAltName that is not understood`
  if (extendedKeyUsage !== undefined && ![timeStamping, anyPurpose].some(one => extendedKeyUsage.purposes.includes(one)))
    return `${name} is not for timestamps`
  if (path.length === 1) return undefined
  if (basicConstraints?.ca !== true) return `${name} is not that of an authority`
  if (basicConstraints.pathLength !== undefined && basicConstraints.pathLength < path.length - 2)
    return `${name} may have ${basicConstraints.pathLength} authorities below it, and has ${path.length - 2}`
  if (extensions.has(extensionOids.nameConstraints) && path[0]!.extensions.has(extensionOids.subjectAltName))
    return `${name} constrains names, which is not evaluated here`
  return undefined
}
