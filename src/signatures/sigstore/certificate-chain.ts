import { type Certificate, extensionOids, notUnderstood, purposes } from './x509.ts'

/** A certificate authority of a trusted root. */
export interface CertificateAuthority {
  /** For people: its URI, else its subject. */
  readonly name: string
  /** As listed, from the one that issues to the one that is trusted; the last need not be self-signed. */
  readonly chain: readonly Certificate[]
  readonly validFor: Period
}

/** Both ends belong to it (protobuf-specs 0.5 sigstore_common.proto TimeRange). */
export interface Period {
  readonly start: Date
  readonly end: Date | undefined
}

export const includes = ({ start, end }: Period, time: Date): boolean => start <= time && (end === undefined || time <= end)

export type Chain = { readonly ok: true; readonly path: readonly Certificate[]; readonly authority: CertificateAuthority } | Broken
interface Broken {
  readonly ok: false
  readonly expected: string
  readonly actual: string
}

const maxDepth = 8

/**
 * A path from `leaf` to a trusted certificate of one of the authorities, all of it valid at every one of `times` (RFC 5280 6).
 * A leaf that is itself the trusted one is a path of its own.
 *
 * @param untrusted intermediates that came with the signature: links of the path, never its end
 * @param purpose for which each certificate of the path that limits its purposes must be allowed; what the leaf must say itself is the caller's
 */
export const findChain = (
  leaf: Certificate,
  authorities: readonly CertificateAuthority[],
  untrusted: readonly Certificate[],
  times: readonly Date[],
  purpose: string,
): Chain => {
  const chains = authorities.map(authority => chainTo(authority, leaf, untrusted, times, purpose))
  const found = chains.find(({ ok }) => ok)
  if (found !== undefined) return found
  // The authority that issued it tells more than those that have nothing to do with it.
  return chains.find(chain => !chain.ok && chain.actual !== noPath) ?? { ok: false, expected: expectedOf(authorities), actual: noPath }
}

const noPath = 'a certificate that none of them issued'
const expectedOf = (authorities: readonly CertificateAuthority[]): string =>
  authorities.length === 0
    ? 'a certificate authority in the trusted root'
    : `a certificate of ${authorities.map(({ name }) => name).join(' or ')}`

const chainTo = (
  authority: CertificateAuthority,
  leaf: Certificate,
  untrusted: readonly Certificate[],
  times: readonly Date[],
  purpose: string,
): Chain => {
  const anchor = authority.chain.at(-1)
  const links = [...authority.chain.slice(0, -1), ...untrusted]
  const isRight = (certificate: Certificate, depth: number) => wrongWith(certificate, depth, times, purpose) === undefined
  // A certificate that was renewed has the name and key of the one before: where one is wrong, the other leads on. Else what is wrong is told.
  const path = anchor && (pathTo(anchor, leaf, links, isRight) ?? pathTo(anchor, leaf, links, () => true))
  const expected = expectedOf([authority])
  if (path === undefined) return { ok: false, expected, actual: noPath }
  const outside = times.find(time => !includes(authority.validFor, time))
  if (outside !== undefined)
    return { ok: false, expected: `${expected} in its time (${inWords(authority.validFor)})`, actual: `signed at ${outside.toISOString()}` }
  const wrong = path.map((certificate, depth) => wrongWith(certificate, depth, times, purpose)).find(found => found !== undefined)
  return wrong === undefined ? { ok: true, path, authority } : { ok: false, expected: wrong.expected, actual: wrong.actual }
}

/**
 * The shortest way, in which every certificate is looked at once: of those that certify each other there are more ways than can be
 * walked. Undefined when there is none.
 */
const pathTo = (
  anchor: Certificate,
  leaf: Certificate,
  links: readonly Certificate[],
  fits: (certificate: Certificate, depth: number) => boolean,
): readonly Certificate[] | undefined => {
  if (leaf.der.equals(anchor.der)) return [leaf]
  const left = new Set([anchor, ...links])
  let paths: (readonly [Certificate, ...Certificate[]])[] = [[leaf]]
  for (let depth = 1; paths.length > 0 && depth < maxDepth; depth++) {
    const longer: typeof paths = []
    for (const path of paths) {
      for (const issuer of left) {
        const last = path[depth - 1]!
        if (!last.issuer.equals(issuer.subject) || !fits(issuer, depth) || !isSignedBy(last, issuer)) continue
        if (issuer.der.equals(anchor.der)) return [...path, issuer]
        left.delete(issuer)
        longer.push([...path, issuer])
      }
    }
    paths = longer
  }
  return undefined
}

/** Between the same two certificates the answer stays; those of an authority are asked for with every signature. */
const asked = new WeakMap<Certificate, WeakMap<Certificate, boolean>>()
const isSignedBy = (certificate: Certificate, issuer: Certificate): boolean => {
  const known = asked.get(certificate) ?? new WeakMap<Certificate, boolean>()
  asked.set(certificate, known)
  const answer = known.get(issuer) ?? certificate.isSignedBy(issuer)
  known.set(issuer, answer)
  return answer
}

const wrongWith = (certificate: Certificate, depth: number, times: readonly Date[], purpose: string): Omit<Broken, 'ok'> | undefined => {
  const what = depth === 0 ? 'the certificate' : "its issuer's certificate"
  const outside = times.find(time => !includes({ start: certificate.notBefore, end: certificate.notAfter }, time))
  if (outside !== undefined) {
    return {
      expected: `${what} to be valid when it signed (${inWords({ start: certificate.notBefore, end: certificate.notAfter })})`,
      actual: `signed at ${outside.toISOString()}`,
    }
  }
  const [strange] = notUnderstood(certificate)
  if (strange !== undefined) return { expected: `${what} without critical extensions that are not understood`, actual: strange }
  const allowed = certificate.extendedKeyUsage
  if (allowed !== undefined && !allowed.has(purpose) && !(depth > 0 && allowed.has(purposes.any))) {
    return { expected: `${what} to be for ${purposeNames[purpose] ?? purpose}`, actual: `one for ${namesOf(allowed)}` }
  }
  if (depth === 0) return undefined
  if (!certificate.isAuthority) return { expected: `${what} to be one of an authority`, actual: 'one that may not issue certificates' }
  if (certificate.pathLength < depth - 1) {
    return { expected: `at most ${certificate.pathLength} authorities below another`, actual: `${depth - 1}` }
  }
  return undefined
}

/** What the leaf says itself that it is for; undefined when that is exactly `purpose`. */
export const otherPurpose = ({ extendedKeyUsage, extensions }: Certificate, purpose: string): string | undefined => {
  if (extendedKeyUsage === undefined) return 'one that does not say what it is for'
  if (!extendedKeyUsage.has(purpose)) return `one for ${namesOf(extendedKeyUsage)}`
  // RFC 3161 2.3: critical, and nothing beside it.
  if (purpose !== purposes.timeStamping) return undefined
  if (extendedKeyUsage.size > 1) return `one for ${namesOf(extendedKeyUsage)}`
  return extensions.get(extensionOids.extendedKeyUsage)?.critical ? undefined : 'one whose purpose is not critical'
}

export const purposeNames: Readonly<Record<string, string>> = {
  [purposes.any]: 'any purpose',
  [purposes.codeSigning]: 'code signing',
  [purposes.timeStamping]: 'timestamps',
  '1.3.6.1.5.5.7.3.1': 'TLS servers',
  '1.3.6.1.5.5.7.3.2': 'TLS clients',
  '1.3.6.1.5.5.7.3.4': 'e-mail',
}
const namesOf = (oids: ReadonlySet<string>): string =>
  [...oids]
    .slice(0, 4)
    .map(oid => purposeNames[oid] ?? oid)
    .join(', ')

/** `2026-01-01T00:00:00.000Z to 2027-01-01T00:00:00.000Z` */
export const inWords = ({ start, end }: Period): string => `${start.toISOString()} to ${end?.toISOString() ?? 'now'}`
