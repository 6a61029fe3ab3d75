import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import type { IdentityRule, TextRule } from './identity.ts'
import { compilePattern } from './pattern.ts'

/** The flags that say whom to trust, as the command line gives them. */
export interface TrustFlags {
  readonly key?: readonly string[]
  readonly certificateIdentity?: string
  readonly certificateIdentityRegexp?: string
  readonly certificateOidcIssuer?: string
  readonly certificateOidcIssuerRegexp?: string
}

const usage = (message: string, hint?: string) => new PreflightError('USAGE', message, { hint })

/**
 * The signer that the flags name, undefined when they name none. Which of them go together is cosign's rule (cosign 3.1
 * CertVerifyOptions.Identities and VerifyCommand.Exec); where cosign would take one of two and not say which, both are refused.
 *
 * @throws PreflightError USAGE
 */
export const identityOfFlags = (flags: TrustFlags): IdentityRule | undefined => {
  const { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp } = flags
  const identity = ruleOf('--certificate-identity', certificateIdentity, certificateIdentityRegexp)
  const issuer = ruleOf('--certificate-oidc-issuer', certificateOidcIssuer, certificateOidcIssuerRegexp)
  if (identity === undefined && issuer === undefined) return undefined
  if (flags.key !== undefined && flags.key.length > 0)
    throw usage(
      'Exactly one of key (--key) or certificate identity (--certificate-identity or --certificate-identity-regexp) can be given.',
      'To require both, or either, write a ClusterImagePolicy and give it with --policy.',
    )
  if (identity === undefined)
    throw usage(
      '--certificate-identity or --certificate-identity-regexp is required beside the issuer.',
      'Anybody can get a certificate from that issuer.',
    )
  if (issuer === undefined)
    throw usage(
      '--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is required beside the identity.',
      'Another issuer could vouch for the same name.',
    )
  return { subject: identity, issuer }
}

const ruleOf = (flag: string, exact: string | undefined, pattern: string | undefined): TextRule | undefined => {
  if (exact === '' || pattern === '') throw usage(`${exact === '' ? flag : `${flag}-regexp`} is empty.`)
  if (exact !== undefined && pattern !== undefined) throw usage(`${flag} and ${flag}-regexp cannot be given together.`)
  if (exact !== undefined) return { kind: 'exact', text: exact }
  if (pattern === undefined) return undefined
  const compiled = compilePattern(pattern)
  if ('fault' in compiled) throw usage(`${flag}-regexp ${printable(pattern, 80)}: it is not a regular expression of Go: ${compiled.fault}.`)
  return compiled
}
