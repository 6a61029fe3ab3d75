import { printable } from '../redact.ts'

/** What one text must be: itself, or what a regular expression of Go's finds in it. */
export type TextRule =
  | { readonly kind: 'exact'; readonly text: string }
  | {
      readonly kind: 'pattern'
      readonly text: string
      /** As Go's MatchString: anywhere in the text. */
      matches(text: string): boolean
      /** Why it may match more than was meant, a sentence each. */
      readonly warnings: readonly string[]
    }

/** A signer that is trusted: both must hold. */
export interface IdentityRule {
  readonly subject: TextRule
  readonly issuer: TextRule
}

/** Whom a certificate names. */
export interface CertificateIdentity {
  /** All of its subject alternative names, of whatever kind. */
  readonly subjects: readonly string[]
  /** Undefined when it names none. */
  readonly issuer: string | undefined
}

export interface IdentityMatch {
  readonly matched: boolean
  /** The name that matched, as the certificate has it. */
  readonly subject?: string
  readonly expected: string
  readonly found: string
}

/** As many names, and as long ones, as are looked at; a certificate with more is not one that Fulcio issues. */
export const identityLimits = { subjects: 64, length: 2048 } as const

/** Whether the certificate is of the signer that `rule` names: one of its names and its issuer (cosign 3.1 CheckCertificatePolicy). */
export const matchIdentity = (identity: CertificateIdentity, rule: IdentityRule): IdentityMatch => {
  const words = { expected: showRule(rule), found: showIdentity(identity) }
  const { subjects, issuer } = identity
  if (subjects.length > identityLimits.subjects) return { matched: false, ...words }
  const subject = subjects.find(name => name !== '' && textMatches(name, rule.subject))
  // As in cosign, a certificate of an own authority names no issuer, and only a pattern that takes nothing at all lets it through.
  if (subject === undefined || !textMatches(issuer ?? '', rule.issuer)) return { matched: false, ...words }
  return { matched: true, subject, ...words }
}

const textMatches = (text: string, rule: TextRule): boolean => {
  if (text.length > identityLimits.length) return false
  return rule.kind === 'exact' ? text === rule.text : rule.matches(text)
}

/** As in `release@acme.example, issued by https://accounts.google.com`. */
export const showRule = ({ subject, issuer }: IdentityRule): string => `${showText(subject)}, issued by ${showText(issuer)}`

/** The identity of a workflow alone can have 300 characters, and both sides must be seen to the end. */
const showText = ({ kind, text }: TextRule): string => (kind === 'exact' ? printable(text, 400) : `/${printable(text, 400)}/`)

export const showIdentity = ({ subjects, issuer }: CertificateIdentity): string => {
  const [first, ...rest] = subjects
  const names = first === undefined ? 'nobody' : `${printable(first)}${rest.length === 0 ? '' : ` and ${rest.length} more names`}`
  return `${names}, issued by ${issuer === undefined ? 'nobody' : printable(issuer)}`
}

/** Of every pattern in `rules`, once. */
export const identityWarnings = (rules: readonly IdentityRule[]): readonly string[] => [
  ...new Set(rules.flatMap(({ subject, issuer }) => [subject, issuer]).flatMap(rule => (rule.kind === 'pattern' ? rule.warnings : []))),
]
