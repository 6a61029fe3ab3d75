import { printable } from '../redact.ts'
import type { Fields } from './fields.ts'
import type { IdentityRule, TextRule } from './identity.ts'
import type { KeylessAuthority } from './image-policy.ts'
import { checkUrl, readTrustRootRef } from './log-rule.ts'
import { compilePattern } from './pattern.ts'

type Keyless = Pick<KeylessAuthority, 'identities' | 'trustRootRef' | 'insecureIgnoreSct'>

/** `keyless` of an authority. @throws PreflightError POLICY_INVALID */
export const readKeyless = (authority: Fields): Keyless => {
  const keyless = authority.fields('keyless', ['url', 'identities', 'ca-cert', 'trustRootRef', 'insecureIgnoreSCT'])!
  const caCert = keyless.map.entries.get('ca-cert')
  if (caCert !== undefined && keyless.node('ca-cert') !== undefined)
    throw keyless.fault(
      { position: caCert.keyPosition },
      'ca-cert is not evaluated, nor is it by policy-controller',
      'Write the certificate into a TrustRoot (sigstoreKeys.certificateAuthorities) and name it with trustRootRef.',
    )
  // No Fulcio is asked: its certificates are those of the trust root, whatever the address is.
  const url = keyless.text('url')
  if (url !== undefined) checkUrl(keyless, 'url', url)
  const identities = keyless.entries('identities', ['issuer', 'issuerRegExp', 'subject', 'subjectRegExp']).map(readIdentity)
  if (identities.length === 0)
    throw keyless.fault(
      keyless.map,
      'identities is missing in keyless: anybody can get a certificate, so it must say who',
      'Write identities: [{issuer: …, subject: …}].',
    )
  const trustRootRef = readTrustRootRef(keyless)
  return {
    identities,
    ...(trustRootRef === undefined ? {} : { trustRootRef }),
    insecureIgnoreSct: keyless.bool('insecureIgnoreSCT'),
  }
}

const readIdentity = (identity: Fields): IdentityRule => ({
  subject: readRule(identity, 'subject', 'subjectRegExp'),
  issuer: readRule(identity, 'issuer', 'issuerRegExp'),
})

const readRule = (identity: Fields, exact: string, pattern: string): TextRule => {
  const [text, expression] = [identity.text(exact), identity.text(pattern)]
  if (text !== undefined && expression !== undefined)
    throw identity.fault(identity.node(pattern)!, `an identity has ${exact} or ${pattern}, and this has both`)
  if (text !== undefined) return { kind: 'exact', text }
  if (expression === undefined)
    throw identity.fault(identity.map, `an identity has neither ${exact} nor ${pattern}`, `With ${pattern}: ^.*$, every ${exact} would do.`)
  const compiled = compilePattern(expression)
  if (!('fault' in compiled)) return compiled
  throw identity.fault(
    identity.node(pattern)!,
    `${pattern} "${printable(expression, 80)}" is not a regular expression of Go: ${compiled.fault}`,
  )
}
