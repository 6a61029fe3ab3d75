import type { CodeDoc } from '../../outcome.ts'

/** What the check `signature` can find. A fail is a warn where the policy that decides has `mode: warn`. */
export const signatureCodes = {
  SIGNATURE_VERIFIED: {
    status: 'pass',
    meaning: 'Somebody who is trusted signed the image, or the images of all required platforms, as every policy that speaks of it wants.',
  },
  SIGNATURE_NONE: {
    status: 'warn',
    meaning: 'No signature hangs on the image, nor on its platforms; a fail when signatures are required or a key was given.',
    remedy:
      'Sign the image with cosign, or copy its signatures from where it was signed: `oras copy -r` brings bundles, `cosign copy` brings `.sig` tags.',
  },
  SIGNATURE_UNTRUSTED: {
    status: 'warn',
    meaning: 'The image is signed, but nobody was told to be trusted; a fail when signatures are required.',
    remedy:
      "Get the signer's public key by a way that you trust and give it with --key, or say who signs with --certificate-identity or a policy.",
  },
  SIGNATURE_NO_POLICY: {
    status: 'warn',
    meaning: 'Policies were given, and none speaks of the image; a fail when signatures are required.',
    remedy: 'Add the image to a policy, or give one for it.',
  },
  SIGNATURE_SKIPPED: {
    status: 'warn',
    meaning:
      'A policy lets the image through without a look at any signature (level skip of notation, static of a ClusterImagePolicy); a fail when signatures are required.',
    remedy: 'Name in the policy who signs the image.',
  },
  SIGNATURE_LOGGED: {
    status: 'warn',
    meaning: 'Something does not hold of the signature that was accepted, and the trust policy only logs it.',
    remedy: 'Sign the image again so that it holds.',
  },
  SIGNATURE_IDENTITY_LOOSE: {
    status: 'warn',
    meaning:
      'A pattern of identities matches more names than it seems to: it is not between ^ and $, or a dot in it stands for any character.',
    remedy: 'Put the pattern between ^ and $, and write \\. for a dot.',
  },
  SIGNATURE_SCT_IGNORED: {
    status: 'warn',
    meaning: 'Certificates are taken that no certificate log has seen, as --insecure-ignore-sct or the policy says.',
    remedy: 'Give a trusted root that names the certificate log, and leave the exception out.',
  },
  SIGNATURE_KEY_MISMATCH: {
    status: 'fail',
    meaning: 'The image is signed, but by none of the keys that were given.',
    remedy: 'Ask the signer which key is current, or sign the image with the key that you trust.',
  },
  SIGNATURE_IDENTITY_MISMATCH: {
    status: 'fail',
    meaning: 'The image is signed, but by none of the identities that are trusted.',
    remedy: 'Ask the signer under which identity they sign, or sign the image under the one that you trust.',
  },
  SIGNATURE_NOT_LOGGED: {
    status: 'fail',
    meaning: 'No log that is trusted proves that it has the signature.',
    remedy: 'Sign again with a log that is trusted, or give the trusted root of the Sigstore that signs.',
  },
  SIGNATURE_UNTIMED: {
    status: 'fail',
    meaning: 'Nothing that is trusted proves when the signature was made, or a timestamp is wrong.',
    remedy: 'Sign again with a timestamp authority or a log that is trusted, or give the trusted root of the Sigstore that signs.',
  },
  SIGNATURE_CERTIFICATE: {
    status: 'fail',
    meaning: 'The certificate of the signature is by nobody who is trusted, was not valid when it signed, or is for something else.',
    remedy: 'Sign again with a certificate of an authority that is trusted, or give the trusted root of the Sigstore that signs.',
  },
  SIGNATURE_SCT: {
    status: 'fail',
    meaning: 'No certificate log that is trusted has seen the certificate of the signature.',
    remedy: 'Sign again with an authority that submits its certificates, or give the trusted root that names its certificate log.',
  },
  SIGNATURE_NOTATION: {
    status: 'fail',
    meaning: 'The image has signatures of the Notary Project, and the trust policy accepts none of them.',
    remedy: "Sign the image with a certificate of the policy's trust stores, or hand in what a step could not be checked without.",
  },
  SIGNATURE_ATTESTATION: {
    status: 'fail',
    meaning: 'A policy asks for attestations, and the image has not all of them by whom the policy trusts.',
    remedy: 'Attest the image, or copy its attestations from where it was attested.',
  },
  SIGNATURE_FORBIDDEN: {
    status: 'fail',
    meaning: 'A policy forbids the image, whoever signed it.',
    remedy: 'Deploy an image that the policy allows, or change the policy.',
  },
  SIGNATURE_IMAGE_UNKNOWN: {
    status: 'fail',
    meaning: 'policy-controller does not understand the name of the image, so that nobody knows whether a policy speaks of it.',
    remedy: 'Write the image as registry/repository:tag.',
  },
  SIGNATURE_INVALID: {
    status: 'fail',
    meaning:
      'A signature is damaged, was changed, or contradicts the log entry that it brings; a warn while nobody is trusted or required.',
    remedy: 'Sign the image again, and find out who changed the signature.',
  },
  SIGNATURE_SUBJECT_MISMATCH: {
    status: 'fail',
    meaning: 'A signature is of another image; a warn while nobody is trusted or required.',
    remedy: 'Deploy the image that was signed, or sign the one that is deployed.',
  },
  SIGNATURE_PARTIAL: {
    status: 'fail',
    meaning: "Some required platforms' images are signed, but neither the others nor the index.",
    remedy: 'Sign the index, or each image in it with `cosign sign --recursive`.',
  },
  SIGNATURE_UNREACHABLE: {
    status: 'fail',
    meaning: 'A place where signatures may be could not be asked, so nobody knows; a warn while nobody is trusted or required.',
    remedy: 'Do what the message says of the registry, then run the check again.',
  },
} as const satisfies Readonly<Record<string, CodeDoc>>

export type SignatureCode = keyof typeof signatureCodes
