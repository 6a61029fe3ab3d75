import { type Digest, digestOf } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { failure } from '../facts/fact.ts'
import type { FoundSignature } from '../facts/signature.ts'
import { parseManifest } from '../oci/manifest.ts'
import { mediaTypes } from '../oci/media-types.ts'
import { printable } from '../redact.ts'
import type { Annotations } from '../signatures/cosign-annotations.ts'

/** Something that hangs on an image, as it was collected. */
export interface Attached {
  readonly found: FoundSignature
  /** As in `in the tag sha256-0a1b….sig, number 2, of the index`. */
  readonly where: string
}

/** @throws PreflightError FACT_MISSING, FACT_ALTERED */
export type BlobReader = (digest: Digest) => Uint8Array

/** Its bytes, with what its manifest says of them. */
export interface Opened {
  readonly bytes: Uint8Array
  readonly annotations: Annotations
  /** On what it hangs: a tag is bound to the image by its name, a referrer by what it says of itself, since a registry can list it anywhere. */
  readonly subject: Digest | undefined
}

export interface Unreadable {
  readonly state: 'unreadable'
  readonly code: string
  readonly why: string
}

export const openAttached = ({ found }: Attached, blob: BlobReader): Opened | Unreadable => {
  if (found.content === undefined) return unreadable(new PreflightError('FACT_MISSING', 'Its content was not collected.'))
  if (!found.content.ok) return unreadableFact(found.content)
  try {
    const manifest = parseManifest(blob(found.manifest), mediaTypes.ociManifest)
    const bytes = blob(found.content.blob)
    const layer = manifest.kind === 'manifest' ? manifest.layers[found.layer] : undefined
    if (manifest.kind !== 'manifest' || layer === undefined || digestOf(bytes, layer.digest) !== layer.digest)
      throw new PreflightError('FACT_ALTERED', "The facts name a layer that the signature's manifest does not have.")
    const byTag = found.kind === 'cosign' || found.kind === 'cosignAttestation'
    return { bytes, annotations: layer.annotations ?? {}, subject: byTag ? found.subject : manifest.subject?.digest }
  } catch (error) {
    return unreadable(error)
  }
}

export const unreadable = (error: unknown): Unreadable => unreadableFact(failure(error))

const unreadableFact = ({ code, message, hint }: ReturnType<typeof failure>): Unreadable => ({
  state: 'unreadable',
  code,
  why: hint === undefined ? message : `${message} ${hint}`,
})

/** What cosign notes beside an attestation; to be read, not to be believed. */
export const notedPredicate = ({ found }: Attached, blob: BlobReader): string | undefined => {
  try {
    const manifest = parseManifest(blob(found.manifest), mediaTypes.ociManifest)
    const noted = manifest.kind === 'manifest' ? manifest.layers[found.layer]?.annotations?.predicateType : undefined
    return noted === undefined ? undefined : printable(noted)
  } catch {
    return undefined
  }
}
