import { sha256 } from '../../../src/digest.ts'
import type { KeylessAuthority } from '../../../src/signatures/authority.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../../src/signatures/sigstore/trusted-root.ts'
import type { Verdict } from '../../../src/signatures/verdict.ts'
import { alice, type Deployment, type TrustedRootJson, trustedRootOf } from './deployment.ts'
import { identityOf } from './identity.ts'

/** An image that is signed in tests. */
export const manifest = Buffer.from('{"schemaVersion":2}')
export const image = sha256(manifest)
export const otherImage = `sha256:${'cd'.repeat(32)}`

export const parsedRoot = (json: object): TrustedRoot => parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'trusted_root.json')

/** The deployment's root, with changes. */
export const rootWith = (deployment: Deployment, change: (root: TrustedRootJson) => object = root => root): TrustedRoot =>
  parsedRoot(change(trustedRootOf(deployment)))

const identities = [identityOf({ subject: alice.email, issuer: alice.issuer })]
/** Who trusts alice, of this deployment. */
export const trustAlice = (trustedRoot: TrustedRoot, more: Partial<KeylessAuthority> = {}): KeylessAuthority => ({
  kind: 'keyless',
  identities,
  trustedRoot,
  ...more,
})

export const jsonBytes = (value: object): Buffer => Buffer.from(JSON.stringify(value))
/** The steps that are told of, as in `sct ok`. */
export const outcomes = ({ steps }: Verdict): readonly string[] => steps.map(({ step, outcome }) => `${step} ${outcome}`)
/** The fault and the step that failed: `sct: expected → actual`. */
export const failure = ({ fault, steps }: Verdict): string => {
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  return `${fault} at ${failed?.step}: ${failed?.expected} → ${failed?.actual}`
}
