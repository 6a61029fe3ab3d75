import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { type Fact, failure } from '../../facts/fact.ts'
import type { FoundSignature, SignatureKind } from '../../facts/signature.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts'
import { isIndexType, isManifestType } from '../../oci/media-types.ts'
import { formOf, layerTypeOf, newest } from '../../signatures/places.ts'
import type { ServedManifest } from '../../world/world.ts'
import { limits } from './budget.ts'
import type { Repository } from './repository.ts'

/** Where something was found. */
export type Where = Pick<FoundSignature, 'subject' | 'source' | 'tagPrefix' | 'places'>

/** What a manifest holds, and how many layers of it were not looked at. */
export interface Holding {
  readonly signatures: readonly FoundSignature[]
  readonly unread: number
}

/** Every layer by itself, as cosign keeps them. */
export const ofLayers = async (
  repository: Repository,
  served: ServedManifest,
  { layers }: ImageManifest,
  where: Where & { readonly kind: 'cosign' | 'cosignAttestation' | 'cosignReferrer' | 'inTotoReferrer' | 'sbomAttachment' },
): Promise<Holding> => {
  const { kind } = where
  const chosen = newest(
    layers.map((descriptor, layer) => ({ descriptor, layer })),
    limits.layers,
  )
  const expected = layerTypeOf(kind)
  const limitBytes = kind === 'cosign' || kind === 'cosignReferrer' ? limits.payloadBytes : limits.envelopeBytes
  if (kind !== 'sbomAttachment') repository.keepManifest(served.bytes)
  const signatures = chosen.map(async ({ descriptor, layer }): Promise<FoundSignature> => {
    const { mediaType } = descriptor
    const found = { ...where, manifest: served.digest, layer, mediaType }
    if (expected !== undefined && mediaType !== expected) return { ...found, kind: 'unknown' }
    // Nobody signed it, so that nothing is to be judged.
    if (kind === 'sbomAttachment') return found
    return { ...found, content: await contentOf(repository, descriptor, limitBytes) }
  })
  return { signatures: await Promise.all(signatures), unread: layers.length - chosen.length }
}

const contentOf = async (repository: Repository, descriptor: Descriptor, limitBytes: number): Promise<Fact<{ readonly blob: Digest }>> => {
  try {
    return { ok: true, blob: repository.keep(await repository.blob(descriptor, limitBytes)) }
  } catch (error) {
    return failure(error)
  }
}

/** What hangs on the image by what it says of itself. What the list says of it is not believed, only its manifest. */
export const ofReferrer = async (repository: Repository, descriptor: Descriptor, where: Where): Promise<Holding> => {
  const { artifactType = descriptor.mediaType, digest, mediaType } = descriptor
  const unknown: FoundSignature = { ...where, kind: 'unknown', manifest: digest, layer: 0, mediaType: artifactType }
  // Such as the artifact manifests of image-spec 1.1's first drafts, which no registry of today takes.
  if (mediaType !== '' && !isManifestType(mediaType) && !isIndexType(mediaType)) return only(unknown)
  try {
    const served = await repository.manifest(digest)
    const manifest = parseManifest(served.bytes, served.mediaType)
    if (manifest.kind === 'index') return only({ ...unknown, mediaType: manifest.artifactType ?? artifactType })
    const kind = formOf(manifest)
    switch (kind) {
      case 'sigstoreBundle':
      case 'notation':
        return only(await ofOnlyLayer(repository, served, manifest, { ...unknown, kind }))
      case 'cosignReferrer':
      case 'inTotoReferrer':
      case 'sbomAttachment':
        return await ofLayers(repository, served, manifest, { ...where, kind })
      case 'unknown':
        return only({ ...unknown, mediaType: manifest.artifactType ?? manifest.config.mediaType })
    }
  } catch (error) {
    return only({ ...unknown, content: failure(error) })
  }
}

const only = (signature: FoundSignature): Holding => ({ signatures: [signature], unread: 0 })

const names: Partial<Record<SignatureKind, string>> = { sigstoreBundle: 'a sigstore bundle', notation: 'a notation signature' }

/** A bundle or an envelope of the Notary Project. */
const ofOnlyLayer = async (
  repository: Repository,
  served: ServedManifest,
  { layers }: ImageManifest,
  unknown: FoundSignature,
): Promise<FoundSignature> => {
  const [layer, ...more] = layers
  const found = { ...unknown, mediaType: layer?.mediaType ?? '' }
  if (layer === undefined || more.length > 0) {
    const message = `The manifest of ${names[found.kind]} has exactly one layer, and this one has ${layers.length}.`
    return { ...found, content: failure(new PreflightError('MANIFEST_INVALID', message, { hint: 'Sign the image again.' })) }
  }
  repository.keepManifest(served.bytes)
  const content = await contentOf(repository, layer, limits.envelopeBytes)
  if (!content.ok || found.kind !== 'sigstoreBundle') return { ...found, content }
  try {
    // A message signature is over the manifest, so judging it takes the manifest's bytes.
    const bytes = Buffer.from(await repository.blob(layer, limits.envelopeBytes))
    if (bytes.includes('"messageSignature"')) await repository.keepSubject(found.subject)
    return { ...found, content }
  } catch (error) {
    return { ...found, content: failure(error) }
  }
}
