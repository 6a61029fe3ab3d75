import type { FoundSignature } from '../../facts/signature.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { mediaTypes } from '../../oci/media-types.ts'
import { printable } from '../../redact.ts'
import type { AnalyzeInput } from '../analyzer.ts'

/** What is no signature, or none that is judged here; undefined for what is. */
export const otherThing = (input: AnalyzeInput, { kind, manifest, layer, mediaType, content }: FoundSignature): string | undefined => {
  const type = printable(mediaType)
  const unread = content?.ok === false ? ', which could not be read' : ''
  switch (kind) {
    case 'cosignAttestation':
    case 'inTotoReferrer':
      return `an attestation (${printable(predicateOf(input, manifest, layer) ?? type)})${unread}`
    case 'notation':
      return `a signature of the Notary Project (${type})${unread}`
    case 'sbomAttachment':
      return `an SBOM that nobody signed (${type})`
    case 'unknown':
      return content === undefined ? type : undefined
    default:
      return undefined
  }
}

/** What cosign notes beside an attestation; to be read, not to be believed. */
const predicateOf = (input: AnalyzeInput, digest: string, layer: number): string | undefined => {
  try {
    const manifest = parseManifest(input.blob(digest), mediaTypes.ociManifest)
    return manifest.kind === 'manifest' ? manifest.layers[layer]?.annotations?.predicateType : undefined
  } catch {
    return undefined
  }
}
