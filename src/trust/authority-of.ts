import type * as policy from '../policy/image-policy.ts'
import { publicKeyFromPem } from '../policy/keys.ts'
import type { TrustedKey } from '../policy/policy.ts'
import type { Authority, KeyAuthority, KeylessAuthority } from '../signatures/authority.ts'
import type { TrustedRoot } from '../signatures/sigstore/trusted-root.ts'
import type { TrustedPublicKey } from '../signatures/verdict.ts'
import type { TrustedRoots } from './trusted-roots.ts'

export type VerifyingAuthority = policy.KeyAuthority | policy.KeylessAuthority

/**
 * An authority of a policy as signatures are verified with, with the meaning that policy-controller gives it
 * (pkg/webhook/validator.go checkOptsFromAuthority at f925c0c1): certificates, logs and timestamps each of the TrustRoot that is
 * named for them, else of the default trusted root.
 *
 * @param at where nothing has to prove when it was signed, certificates must be valid at this time
 * @throws PreflightError TRUSTED_ROOT_UNAVAILABLE, TRUSTED_ROOT_INVALID, KEY_INVALID
 */
export const authorityOf = (authority: VerifyingAuthority, roots: TrustedRoots, at: Date): Authority => {
  const require = { log: authority.log.required, timestamp: authority.timestamp !== undefined }
  return authority.kind === 'key' ? ofKeys(authority, roots, require) : ofIdentities(authority, roots, require, at)
}

/** Whether the default trusted root is needed to verify for it. */
export const needsDefaultRoot = (authority: policy.Authority): boolean => {
  if (authority.kind === 'static') return false
  const { log } = authority
  return (authority.kind === 'keyless' && authority.trustRootRef === undefined) || (log.required && log.trustRootRef === undefined)
}

export const trustedKeyOf = ({ name, pem }: TrustedKey): TrustedPublicKey => ({ ...publicKeyFromPem(pem, name), name })

/** Who trusts a key trusts what it signs: a trusted root that nobody asked for would only find what is against it. */
const ofKeys = (
  { keys, hashAlgorithm, log, timestamp }: policy.KeyAuthority,
  roots: TrustedRoots,
  require: Required<NonNullable<KeyAuthority['require']>>,
): KeyAuthority => {
  const needsRoot = log.required || log.trustRootRef !== undefined || timestamp !== undefined
  // SHA-256 is what is written where nothing is; whatever else is sound is taken then, as cosign signs with it.
  const alone = hashAlgorithm === 'sha256' ? {} : { hash: hashAlgorithm }
  return {
    kind: 'key',
    keys: keys.map(key => ({ ...trustedKeyOf(key), ...alone })),
    ...(needsRoot ? { trustedRoot: rootForKeys(roots, log, timestamp?.trustRootRef) } : {}),
    require,
  }
}

const ofIdentities = (
  { identities, trustRootRef, insecureIgnoreSct, log, timestamp }: policy.KeylessAuthority,
  roots: TrustedRoots,
  require: Required<NonNullable<KeylessAuthority['require']>>,
  at: Date,
): KeylessAuthority => ({
  kind: 'keyless',
  identities,
  trustedRoot: joined(
    roots,
    trustRootRef,
    require.log ? log.trustRootRef : (log.trustRootRef ?? trustRootRef),
    timestamp?.trustRootRef ?? trustRootRef,
  ),
  require,
  insecureIgnoreSct,
  // An own authority whose signatures need neither log nor timestamp issues certificates that are valid for long.
  ...(trustRootRef === undefined || require.log || require.timestamp ? {} : { ownPki: { at } }),
})

const rootForKeys = (
  roots: TrustedRoots,
  { required, trustRootRef }: policy.LogRule,
  stamps: policy.TrustRootRef | undefined,
): TrustedRoot => {
  const logs = required ? trustRootRef : (trustRootRef ?? stamps)
  return joined(roots, logs, logs, stamps ?? logs)
}

/** Of each root what it is named for. */
const joined = (
  roots: TrustedRoots,
  authorities: policy.TrustRootRef | undefined,
  logs: policy.TrustRootRef | undefined,
  timestamps: policy.TrustRootRef | undefined,
): TrustedRoot => {
  const base = roots.get(authorities)
  return { ...base, logs: roots.get(logs).logs, timestampAuthorities: roots.get(timestamps).timestampAuthorities }
}
