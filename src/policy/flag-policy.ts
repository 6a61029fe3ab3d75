import type { ImageGlob } from './glob.ts'
import type { IdentityRule } from './identity.ts'
import type { Authority, SigstorePolicy } from './image-policy.ts'
import type { TrustedKey } from './policy.ts'

/** Every image, also one that policy-controller would not understand. */
const everything: ImageGlob = { text: '**', matches: () => true, mayMatch: () => true }

/**
 * The flags as a policy for every image, so that they are judged as files are: any one of the keys, or the identity. Undefined
 * when they name nobody. As with cosign, a key needs no log entry and an identity does.
 */
export const policyOfFlags = (
  keys: readonly TrustedKey[],
  identity: IdentityRule | undefined,
  { insecureIgnoreSct = false }: { readonly insecureIgnoreSct?: boolean } = {},
): SigstorePolicy | undefined => {
  const name = keys.length === 1 ? keys[0]!.name : '--key'
  const byKey: readonly Authority[] =
    keys.length === 0 ? [] : [{ kind: 'key', name, keys, hashAlgorithm: 'sha256', log: { required: false }, attestations: [] }]
  const byIdentity: readonly Authority[] =
    identity === undefined
      ? []
      : [
          {
            kind: 'keyless',
            name: '--certificate-identity',
            identities: [identity],
            insecureIgnoreSct,
            log: { required: true },
            attestations: [],
          },
        ]
  const authorities = [...byKey, ...byIdentity]
  if (authorities.length === 0) return undefined
  const from = keys.length > 0 ? '--key' : '--certificate-identity'
  return { kind: 'sigstore', name: 'the command line', from, images: [everything], authorities, mode: 'enforce' }
}
