import { PreflightError } from './errors.ts'
import type { Policies } from './policy/join-policies.ts'
import type { TrustPolicy } from './policy/notation/trust-policy.ts'
import type { GivenTrustedRoot, SignaturePolicy } from './policy/policy.ts'
import { usage } from './settings/flag-text.ts'
import type { TrustSettings } from './settings/trust.ts'
import { needsDefaultRoot } from './trust/authority-of.ts'
import type { NotationTrust } from './trust/notation.ts'
import { readKeys, readPolicyFiles } from './world/trust-files.ts'

/**
 * Whom the settings name, read once a run: a file may be a pipe. What most runs do not have (policies, patterns, notation, trusted
 * roots) is loaded only where it is asked for.
 */
const once = <T>(read: (settings: TrustSettings) => Promise<T>): ((settings: TrustSettings) => Promise<T>) => {
  const known = new WeakMap<TrustSettings, Promise<T>>()
  return settings => {
    const found = known.get(settings) ?? read(settings)
    known.set(settings, found)
    return found
  }
}

/** The files given with `--policy`. @throws PreflightError YAML_INVALID, POLICY_INVALID, FILE_NOT_FOUND, … */
export const readPolicies = once(async ({ policies }): Promise<Policies<TrustPolicy>> => {
  if (policies.length === 0) return { policies: [], trustRoots: [] }
  const [files, join, notation] = await Promise.all([
    readPolicyFiles(policies),
    import('./policy/join-policies.ts'),
    import('./policy/notation/trust-policy.ts'),
  ])
  return join.readPolicies(files, ({ name, bytes }) => notation.parseTrustPolicy(bytes, name))
})

/** Everything but the default trusted root, which only some need. @throws PreflightError what the user gave and cannot be used */
export const readTrust = once(async (settings): Promise<SignaturePolicy<NotationTrust>> => {
  const [keys, given, identity] = await Promise.all([readKeys(settings.keys), readPolicies(settings), identityPolicy(settings)])
  const policies = await Promise.all(
    given.policies.map(async policy =>
      policy.kind === 'sigstore' ? policy : { ...policy, document: await notationTrust(policy.document, settings) },
    ),
  )
  const ofStore = policies.some(({ kind }) => kind === 'notation') ? undefined : await storePolicy(settings)
  if (settings.crls.length > 0 && ofStore === undefined && !policies.some(({ kind }) => kind === 'notation'))
    throw usage('--crl is about signatures of the Notary Project, and nothing says whom to trust there.', 'Give --trust-store, too.')
  return {
    keys,
    requireSignatures: settings.requireSignatures,
    policies: [...(identity === undefined ? [] : [identity]), ...policies, ...(ofStore === undefined ? [] : [ofStore])],
    trustRoots: given.trustRoots,
  }
})

const identityPolicy = async (settings: TrustSettings) => {
  const { keys: key, certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp } = settings
  const names = { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp }
  const given = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined))
  if (Object.keys(given).length === 0) return undefined
  const [flags, policy] = await Promise.all([import('./policy/trust-flags.ts'), import('./policy/flag-policy.ts')])
  return policy.policyOfFlags([], flags.identityOfFlags({ key, ...given }), settings)
}

const notationTrust = async (policy: TrustPolicy, { trustStore, crls }: TrustSettings): Promise<NotationTrust> => {
  const [{ storesIn, statementFor }, { readCrls, readTrustStores }, { verifyNotation }] = await Promise.all([
    import('./policy/notation/trust-policy.ts'),
    import('./world/notation-files.ts'),
    import('./signatures/notation/verify-notation.ts'),
  ])
  const stores = storesIn(policy)
  if (stores.length > 0 && trustStore === undefined)
    throw new PreflightError('USAGE', `The trust policy ${policy.file} names trust stores, and none were given.`, {
      hint: "Give the folder that has them with --trust-store, such as notation's truststore.",
    })
  return {
    policy,
    trustStores: trustStore === undefined ? [] : await readTrustStores(trustStore, stores),
    crls: await readCrls(crls),
    statementFor,
    verify: verifyNotation,
  }
}

/** What `--trust-store` means alone. */
const storePolicy = async (settings: TrustSettings) => {
  const { trustStore } = settings
  if (trustStore === undefined) return undefined
  const [{ trustPolicyOfStore }, { parseTrustPolicy }, { listTrustStores }] = await Promise.all([
    import('./policy/trust-store-flag.ts'),
    import('./policy/notation/trust-policy.ts'),
    import('./world/notation-files.ts'),
  ])
  const text = JSON.stringify(trustPolicyOfStore(await listTrustStores(trustStore), trustStore))
  const document = await notationTrust(parseTrustPolicy(text, '--trust-store'), settings)
  return { kind: 'notation' as const, name: 'the command line', from: '--trust-store', document }
}

/**
 * With the default trusted root, where a policy needs one, or it was named, or who signed is to be told although nobody is trusted.
 *
 * @param tellsSigners whether there are signatures of which it could say by whom they are
 * @throws PreflightError TRUSTED_ROOT_INVALID, TRUSTED_ROOT_UNAVAILABLE
 */
export const withTrustedRoot = async (
  policy: SignaturePolicy<NotationTrust>,
  settings: TrustSettings,
  tellsSigners: boolean,
): Promise<SignaturePolicy<NotationTrust>> => {
  const { policies = [], keys } = policy
  const isNeeded = policies.some(one => one.kind === 'sigstore' && one.authorities.some(needsDefaultRoot))
  const isNamed = settings.trustedRoot !== undefined || settings.refresh !== undefined
  const tells = tellsSigners && policies.length === 0 && keys.length === 0
  const told = tells ? { notationSigner: (await import('./signatures/notation/claimed-signer.ts')).claimedSigner } : {}
  return isNeeded || isNamed || tells ? { ...policy, ...told, trustedRoot: await readTrustedRoot(settings) } : policy
}

const readTrustedRoot = once(async ({ trustedRoot: file, refresh, data }): Promise<GivenTrustedRoot> => {
  const [{ findTrustedRoot, publicGoodUrl, shippedRelease }, { tufCacheFolders }, { parseTrustedRoot }] = await Promise.all([
    import('./world/trusted-root.ts'),
    import('./world/tuf-cache.ts'),
    import('./signatures/sigstore/trusted-root.ts'),
  ])
  if (refresh !== undefined && data === undefined)
    throw usage('--refresh-trusted-root keeps what it gets in your home folder, and HOME is not set.')
  const found = await findTrustedRoot({
    file,
    cacheFolders: data === undefined ? [] : tufCacheFolders(publicGoodUrl, { home: data.home, dataFolder: data.folder }),
    ...(refresh === undefined || data === undefined ? {} : { refresh: { ...refresh, cacheFolder: `${data.folder}/sigstore-js` } }),
  })
  const name = file ?? 'the trusted root'
  const { newest } = parseTrustedRoot(found.bytes, name)
  // A file has no date of its own but what stands in it.
  const dated = found.origin === 'file' && newest !== undefined ? `, whose newest entry is of ${newest.toISOString().slice(0, 10)}` : ''
  return {
    name,
    ...found,
    description: `${found.description}${dated}`,
    ...(found.origin === 'shipped' ? { date: new Date(shippedRelease.date) } : {}),
  }
})
