import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'

/** One folder of notation's trust store: `truststore/x509/<type>/<name>`. */
export interface TrustStoreName {
  readonly type: 'ca' | 'signingAuthority' | 'tsa'
  readonly name: string
}

/**
 * What `--trust-store` alone means: the trust policy that `notation`'s quick start writes, for every image and with every signer
 * whose certificates are in the store, at the strictest level.
 *
 * @returns a `trustpolicy.json` 1.0, to be read as one that was given
 * @throws PreflightError USAGE for a store with nobody to trust in it
 */
export const trustPolicyOfStore = (stores: readonly TrustStoreName[], folder: string) => {
  if (!stores.some(({ type }) => type !== 'tsa'))
    throw new PreflightError('USAGE', `--trust-store ${printable(folder)}: it has no store of type ca or signingAuthority.`, {
      hint: 'It is a folder with x509/ca/NAME/*.pem, as `notation certificate add` makes it.',
    })
  return {
    version: '1.0',
    trustPolicies: [
      {
        name: 'trust-store',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores: stores.map(({ type, name }) => `${type}:${name}`),
        trustedIdentities: ['*'],
      },
    ],
  }
}
