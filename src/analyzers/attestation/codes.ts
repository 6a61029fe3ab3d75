import type { CodeDoc } from '../../outcome.ts'

/** What the check `attestation` can find. */
export const attestationCodes = {
  ATTESTATION_VERIFIED: {
    status: 'pass',
    meaning: 'Every attestation that is required is there, by somebody who is trusted, and says what is expected.',
  },
  ATTESTATION_NOT_REQUIRED: { status: 'pass', meaning: 'Nothing that was given requires an attestation of this image.' },
  ATTESTATION_MISSING: {
    status: 'fail',
    meaning: 'No attestation of a required type hangs on the image, nor on its platforms.',
    remedy: 'Attest it with `cosign attest --type …`, or copy it from where it was attested: `oras copy -r`, `cosign copy`.',
  },
  ATTESTATION_PARTIAL: {
    status: 'fail',
    meaning: "Some required platforms' images have the attestation, but neither the others nor the index.",
    remedy: 'Attest the index, or each image in it.',
  },
  ATTESTATION_UNTRUSTED: {
    status: 'fail',
    meaning: 'An attestation is required, and nobody was told to be trusted.',
    remedy: 'Say by whom it has to be: --key, --certificate-identity with --certificate-oidc-issuer, or --policy.',
  },
  ATTESTATION_SIGNER_MISMATCH: {
    status: 'fail',
    meaning: 'An attestation of the required type is there, by nobody who is trusted.',
    remedy: 'Ask who attests the image for the key or identity that is current.',
  },
  ATTESTATION_SUBJECT_MISMATCH: {
    status: 'fail',
    meaning: 'An attestation of the required type is kept for this image and is about another.',
    remedy: 'Deploy the image that was attested, or attest the one that is deployed.',
  },
  ATTESTATION_INVALID: {
    status: 'fail',
    meaning: 'An attestation of the required type is damaged, was changed, or lacks a proof that is required.',
    remedy: 'Attest the image again; the message names the step that failed.',
  },
  ATTESTATION_CONTENT_INVALID: {
    status: 'fail',
    meaning: 'A verified attestation does not hold what its type says: no SPDX or CycloneDX document, no provenance, no VEX.',
    remedy: 'Ask who made it to make it again, with a current version of the tool.',
  },
  ATTESTATION_PROVENANCE_MISMATCH: {
    status: 'fail',
    meaning: 'The provenance is verified and names another builder or source than --builder-id and --source-uri.',
    remedy: 'Find out where the image was built, or correct the flags.',
  },
  ATTESTATION_POLICY_UNMET: {
    status: 'fail',
    meaning: 'A ClusterImagePolicy asks for attestations that are not there or do not count; a warn where its mode is warn.',
    remedy: 'Attest what the policy asks for, by whom it names.',
  },
  ATTESTATION_UNREACHABLE: {
    status: 'fail',
    meaning: 'A place where attestations may be could not be asked, so nobody knows whether the required one is there.',
    remedy: 'Do what the message says of the registry, then run the check again.',
  },
} as const satisfies Readonly<Record<string, CodeDoc>>

export type AttestationCode = keyof typeof attestationCodes
