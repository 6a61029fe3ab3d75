import type { IdentityRule, TextRule } from '../../../src/policy/identity.ts'
import { compilePattern } from '../../../src/policy/pattern.ts'

/** Whom to trust, of each pair one. */
export interface WrittenIdentity {
  readonly subject?: string | undefined
  readonly subjectRegExp?: string | undefined
  readonly issuer?: string | undefined
  readonly issuerRegExp?: string | undefined
}

const ruleOf = (exact: string | undefined, pattern: string | undefined): TextRule => {
  if (exact !== undefined) return { kind: 'exact', text: exact }
  const compiled = compilePattern(pattern ?? '')
  if ('fault' in compiled) throw new Error(compiled.fault)
  return compiled
}

/** As a policy would say it. */
export const identityOf = ({ subject, subjectRegExp, issuer, issuerRegExp }: WrittenIdentity): IdentityRule => ({
  subject: ruleOf(subject, subjectRegExp),
  issuer: ruleOf(issuer, issuerRegExp),
})
