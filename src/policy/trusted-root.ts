import { createHash } from 'node:crypto'
import type { PublicKey } from './keys.ts'
import type { CertificateAuthority, LogInstance, TrustRoot } from './trust-root.ts'

/** `start` of what has no limits in a TrustRoot; policy-controller writes the same. */
const always = { start: '1970-01-01T00:00:00Z' } as const

/**
 * The TrustRoot in the form of a `trusted_root.json` (sigstore/protobuf-specs 0.5 sigstore_trustroot.proto, as JSON), so that
 * both are read and verified with in the same way.
 */
export const toTrustedRoot = (root: TrustRoot) => ({
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: root.tLogs.map(toLog),
  certificateAuthorities: root.certificateAuthorities.map(toAuthority),
  ctlogs: root.ctLogs.map(toLog),
  timestampAuthorities: root.timestampAuthorities.map(toAuthority),
})

const toAuthority = ({ subject, uri, chain }: CertificateAuthority) => ({
  subject,
  uri,
  certChain: { certificates: chain.map(({ raw }) => ({ rawBytes: raw.toString('base64') })) },
  validFor: always,
})

const toLog = ({ baseUrl, hashAlgorithm, publicKey }: LogInstance) => ({
  baseUrl,
  hashAlgorithm,
  publicKey: { rawBytes: publicKey.spki.toString('base64'), keyDetails: keyDetailsOf(publicKey), validFor: always },
  logId: { keyId: logIdOf(baseUrl, publicKey).toString('base64') },
})

/** protobuf-specs 0.5 sigstore_common.proto PublicKeyDetails. */
const keyDetailsOf = ({ algorithm, key }: PublicKey): string => {
  switch (algorithm) {
    case 'ecdsa-p256':
      return 'PKIX_ECDSA_P256_SHA_256'
    case 'ecdsa-p384':
      return 'PKIX_ECDSA_P384_SHA_384'
    case 'ecdsa-p521':
      return 'PKIX_ECDSA_P521_SHA_512'
    case 'ed25519':
      return 'PKIX_ED25519'
    case 'rsa':
      return `PKIX_RSA_PKCS1V15_${key.asymmetricKeyDetails?.modulusLength ?? 2048}_SHA256`
  }
}

/** RFC 6962 3.2 for the logs of Rekor v1 and of certificates; for Ed25519, that is Rekor v2, C2SP signed-note's key ID in full. */
const logIdOf = (baseUrl: string, { algorithm, spki }: PublicKey): Buffer => {
  const hash = createHash('sha256')
  if (algorithm !== 'ed25519') return hash.update(spki).digest()
  const { host, pathname } = new URL(baseUrl)
  return hash
    .update(`${host}${pathname.replace(/\/$/, '')}\n\x01`)
    .update(spki.subarray(-32))
    .digest()
}
