import { PreflightError } from '../../errors.ts'

/** How much is looked at, whatever a registry serves. */
export const limits = {
  /** Of the payload of one signature, which has some hundred bytes. */
  payloadBytes: 8 << 20,
  /** Of one envelope or bundle, which may hold an SBOM (notation-go 1.3 registry/repository.go takes as much). */
  envelopeBytes: 32 << 20,
  /** Of all that hangs on one image. */
  imageBytes: 64 << 20,
  /** Of all images together: a bundle has to hold it in base64 too (src/bundle.ts). */
  runBytes: 256 << 20,
  /** Layers of one manifest, each of them a signature (cosign 3.1 pkg/oci/remote/signatures.go). */
  layers: 1000,
  /** Entries of one list of referrers (notation 1.3 `--max-signatures`). */
  referrers: 100,
  /** Signatures of one image, in all places together: the referrers may have a thousand layers each. */
  contents: 2000,
}

/** Counts what is read down to nothing. */
export interface Budget {
  /** @throws PreflightError BODY_TOO_LARGE when it is used up */
  take(bytes: number, contents: number): void
}

export const runBudget = (): Budget => {
  let left = limits.runBytes
  return {
    take(bytes) {
      if (bytes > left) throw tooMuch(`more than ${limits.runBytes >> 20} MiB on the images of this run`)
      left -= bytes
    },
  }
}

export const imageBudget = (run: Budget): Budget => {
  let left = { bytes: limits.imageBytes, contents: limits.contents }
  return {
    take(bytes, contents) {
      if (bytes > left.bytes) throw tooMuch(`more than ${limits.imageBytes >> 20} MiB on this image`)
      if (contents > left.contents) throw tooMuch(`more than ${limits.contents} on this image`)
      run.take(bytes, contents)
      left = { bytes: left.bytes - bytes, contents: left.contents - contents }
    },
  }
}

const tooMuch = (what: string): PreflightError =>
  new PreflightError('BODY_TOO_LARGE', `It was not read: of signatures and attestations there are ${what}.`, {
    hint: 'Remove from the repository what nobody needs.',
  })
