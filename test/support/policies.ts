import { generateKeyPairSync } from 'node:crypto'
import { PreflightError } from '../../src/errors.ts'

/** A fresh public key, PEM. */
export const publicPem = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** A ClusterImagePolicy or TrustRoot as JSON, which is YAML. */
export const document = (spec: object, { kind = 'ClusterImagePolicy', version = 'v1beta1', name = 'plugins' } = {}): string =>
  JSON.stringify({ apiVersion: `policy.sigstore.dev/${version}`, kind, metadata: { name }, spec }, undefined, 2)

export const keyless = (extra: object = {}) => ({
  keyless: { identities: [{ issuer: 'https://accounts.example.com', subject: 'release@acme.example' }], ...extra },
})

/** A ClusterImagePolicy for all images of ghcr.io/acme. */
export const policyOf = (authority: object, spec: object = {}): string =>
  document({ images: [{ glob: 'ghcr.io/acme/**' }], authorities: [authority], ...spec })

/** The error that `act` throws. */
export const refusal = (act: () => unknown): PreflightError => {
  try {
    act()
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('was taken')
}
