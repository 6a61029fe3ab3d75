import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { type Fact, failure } from '../../facts/fact.ts'
import type { FoundSignature } from '../../facts/signature.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { formOf, mayBeSignature, newest } from '../../signatures/places.ts'
import { simpleSigningMediaType } from '../../signatures/simple-signing.ts'
import { limits, type Repository } from './repository.ts'

/** A layer of cosign's manifest, which is one signature. */
export const ofLayer = async (
  repository: Repository,
  found: Omit<FoundSignature, 'mediaType'>,
  layer: Descriptor,
): Promise<FoundSignature> => {
  const { mediaType } = layer
  if (mediaType !== simpleSigningMediaType) return { ...found, mediaType, kind: 'unknown' }
  return { ...found, mediaType, content: await contentOf(repository, layer) }
}

const contentOf = async (repository: Repository, descriptor: Descriptor): Promise<Fact<{ readonly blob: Digest }>> => {
  try {
    return { ok: true, blob: repository.keep(await repository.blob(descriptor, limits.signatureBytes)) }
  } catch (error) {
    return failure(error)
  }
}

/** What hangs on the image by what it says of itself: a bundle, or signatures as in cosign's tag. */
export const ofReferrer = async (
  repository: Repository,
  descriptor: Descriptor,
  where: Pick<FoundSignature, 'subject' | 'places'>,
): Promise<readonly FoundSignature[]> => {
  const { artifactType = descriptor.mediaType, digest } = descriptor
  const unknown: FoundSignature = { ...where, kind: 'unknown', manifest: digest, layer: 0, mediaType: artifactType }
  if (!mayBeSignature(descriptor.artifactType)) return [unknown]
  try {
    const served = await repository.manifest(digest)
    const manifest = parseManifest(served.bytes, served.mediaType)
    if (manifest.kind === 'index') return [unknown]
    const kind = formOf(manifest)
    if (kind === 'unknown') return [{ ...unknown, mediaType: manifest.artifactType ?? manifest.config.mediaType }]
    const found = { ...where, kind, manifest: repository.keep(served.bytes) }
    if (kind === 'cosignReferrer') {
      const layers = newest(
        manifest.layers.map((layer, index) => ({ layer, index })),
        limits.perPlace,
      )
      return await Promise.all(layers.map(({ layer, index }) => ofLayer(repository, { ...found, layer: index }, layer)))
    }
    return [await ofBundle(repository, { ...found, layer: 0, mediaType: manifest.layers[0]?.mediaType ?? '' }, manifest.layers)]
  } catch (error) {
    return [{ ...unknown, content: failure(error) }]
  }
}

const ofBundle = async (
  repository: Repository,
  found: FoundSignature,
  [layer, ...more]: readonly Descriptor[],
): Promise<FoundSignature> => {
  if (layer === undefined || more.length > 0) {
    return {
      ...found,
      content: failure(new PreflightError('MANIFEST_INVALID', 'The manifest of a sigstore bundle has exactly one layer.')),
    }
  }
  const content = await contentOf(repository, layer)
  if (!content.ok) return { ...found, content }
  try {
    // A message signature is over the manifest, so judging it takes the manifest's bytes.
    const bytes = Buffer.from(await repository.blob(layer, limits.signatureBytes))
    if (bytes.includes('"messageSignature"')) repository.keep((await repository.manifest(found.subject)).bytes)
    return { ...found, content }
  } catch (error) {
    return { ...found, content: failure(error) }
  }
}
