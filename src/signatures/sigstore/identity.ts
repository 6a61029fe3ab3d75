import { PreflightError } from '../../errors.ts'
import { printable } from '../../redact.ts'
import type { CertificateNames } from './certificate-names.ts'
import { compilePattern } from './identity-pattern.ts'

/** Whom to trust, as flags and policies say it; of each pair one at least. Both hold where both are given. */
export interface WrittenIdentity {
  readonly issuer?: string | undefined
  readonly issuerRegExp?: string | undefined
  readonly subject?: string | undefined
  readonly subjectRegExp?: string | undefined
}

/** The same, ready to be compared with certificates. */
export interface Identity {
  /** `subject alice@example.com, issuer https://accounts.example.com` */
  readonly description: string
  /** What is risky or surprising in its patterns, a sentence each. */
  readonly warnings: readonly string[]
  matchesSubject(subject: string): boolean
  matchesIssuer(issuer: string): boolean
}

/**
 * Exact texts are compared whole, where @sigstore/verify takes them for unanchored patterns, so that `acme` would be anybody with
 * "acme" in the name.
 *
 * @throws PreflightError IDENTITY_INVALID
 */
export const identityOf = async (written: WrittenIdentity): Promise<Identity> => {
  const subject = await matcherOf('subject', written.subject, written.subjectRegExp)
  const issuer = await matcherOf('issuer', written.issuer, written.issuerRegExp)
  return {
    description: `${subject.description}, ${issuer.description}`,
    warnings: [...subject.warnings, ...issuer.warnings],
    matchesSubject: subject.matches,
    matchesIssuer: issuer.matches,
  }
}

/** The subject by which one of the identities is met, with its issuer; undefined when none is. */
export const metBy = ({ subjects, issuer }: CertificateNames, identities: readonly Identity[]): string | undefined =>
  subjects.find(subject => identities.some(identity => identity.matchesSubject(subject) && identity.matchesIssuer(issuer ?? '')))

const matcherOf = async (what: 'subject' | 'issuer', exact: string | undefined, pattern: string | undefined) => {
  // An empty text is a variable that was not set, and must not become "anybody".
  if (exact === undefined && pattern === undefined) throw invalid(`no ${what} is named: whoever any issuer vouches for would be trusted`)
  if (exact === '' || pattern === '') throw invalid(`the ${what} is empty`)
  const compiled = pattern === undefined ? undefined : await compilePattern(what, pattern)
  if (typeof compiled === 'string') throw invalid(compiled)
  const words = [...(exact === undefined ? [] : [`${what} ${exact}`]), ...(pattern === undefined ? [] : [`${what} like ${pattern}`])]
  return {
    description: words.map(word => printable(word, 400)).join(' and '),
    warnings: compiled?.warnings ?? [],
    matches: (text: string) => (exact === undefined || text === exact) && (compiled === undefined || compiled.matches(text)),
  }
}

const invalid = (problem: string) =>
  new PreflightError('IDENTITY_INVALID', `An identity to be trusted cannot be used: ${problem}.`, {
    hint: 'Name both who signs and who vouches for them, as in --certificate-identity and --certificate-oidc-issuer.',
  })
