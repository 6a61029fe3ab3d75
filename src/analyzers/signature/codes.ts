import type { CodeDoc } from '../../outcome.ts'

/** What the check `signature` can find. A warn becomes a fail with `--key` and with `--require-signatures`. */
export const signatureCodes = {
  SIGNATURE_VERIFIED: {
    status: 'pass',
    meaning: 'A trusted key signed the image, or the images of all required platforms.',
  },
  SIGNATURE_NONE: {
    status: 'warn',
    meaning: 'No signature hangs on the image, nor on its platforms; a fail when signatures are required or a key was given.',
    remedy:
      'Sign the image with cosign, or copy its signatures from where it was signed: `oras copy -r` brings bundles, `cosign copy` brings `.sig` tags.',
  },
  SIGNATURE_UNTRUSTED: {
    status: 'warn',
    meaning: 'The image is signed, but no key was given to trust; a fail when signatures are required.',
    remedy: "Get the signer's public key by a way that you trust, and give it with --key.",
  },
  SIGNATURE_KEY_MISMATCH: {
    status: 'fail',
    meaning: 'The image is signed, but by none of the keys that were given.',
    remedy: 'Ask the signer which key is current, or sign the image with the key that you trust.',
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
