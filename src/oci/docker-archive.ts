import { sha256 } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import type { Descriptor } from './descriptor.ts'
import { parseGoJson } from './go-json.ts'
import { asObject, isArray, textField, textListField } from './go-struct.ts'
import { mediaTypes } from './media-types.ts'
import { fullReference, parseReference } from './reference.ts'
import type { LocalReference } from './transport.ts'

/** One image of a docker archive: names of files in it (moby image/tarexport `manifestItem`). */
export interface ArchivedImage {
  readonly config: string
  readonly repoTags: readonly string[]
  /** Bottom first. */
  readonly layers: readonly string[]
}

/** Of all images of an archive; far above real ones. */
const maxImages = 1000
const maxLayers = 1000

/** @throws PreflightError LOCAL_INVALID; `what` names the archive */
export const parseArchiveManifest = (bytes: Uint8Array, what: string): readonly ArchivedImage[] => {
  try {
    const document = parseGoJson(bytes)
    if (!isArray(document)) throw invalid(what, 'it is not a list')
    if (document.length > maxImages) throw invalid(what, `it lists ${document.length} images; at most ${maxImages} are read`)
    return document.map((item, index) => {
      const object = asObject(item, `[${index}]`)
      const image = {
        config: textField(object, 'Config'),
        repoTags: textListField(object, 'RepoTags'),
        layers: textListField(object, 'Layers'),
      }
      if (image.config === '') throw invalid(what, `the image with number ${index} has no config`)
      if (image.layers.length > maxLayers) throw invalid(what, `it lists ${image.layers.length} layers; at most ${maxLayers} are read`)
      return image
    })
  } catch (error) {
    if (error instanceof PreflightError) throw error
    throw invalid(what, error instanceof Error ? error.message : String(error), error)
  }
}

const invalid = (what: string, why: string, cause?: unknown): PreflightError =>
  new PreflightError('LOCAL_INVALID', `The manifest.json of ${what} is not valid: ${printable(why, 300)}.`, {
    hint: 'Write the archive again.',
    cause,
  })

/** @throws PreflightError MANIFEST_NOT_FOUND with the names that are there */
export const imageFor = ({ name, number, text }: LocalReference, images: readonly ArchivedImage[]): ArchivedImage => {
  const wanted = name === undefined ? undefined : fullReference(parseReference(name))
  const chosen = wanted === undefined ? images : images.filter(({ repoTags }) => repoTags.some(tag => normalized(tag) === wanted))
  const image = number === undefined ? chosen[0] : images[number]
  if (image !== undefined && (number !== undefined || chosen.length === 1)) return image
  const names = images.flatMap(({ repoTags }) => repoTags)
  const has =
    names.length === 0
      ? 'Its images have no names'
      : `It has ${names
          .slice(0, 10)
          .map(tag => printable(tag, 100))
          .join(', ')}`
  const what =
    chosen.length > 1 ? `holds ${chosen.length} images${name === undefined ? ' and none is named' : ' of this name'}` : 'has no such image'
  throw new PreflightError('MANIFEST_NOT_FOUND', `${printable(text)} ${what}. ${has}${names.length > 10 ? ' and more' : ''}.`, {
    hint: 'Name one of them behind a colon: docker-archive:FILE:NAME:TAG, or @0 for the first.',
  })
}

const normalized = (tag: string): string | undefined => {
  try {
    return fullReference(parseReference(tag))
  } catch {
    return undefined
  }
}

/**
 * The manifest that an archive does not have, of its files as they are; byte for byte that which skopeo makes of uncompressed layers.
 * Docker's type of layer leaves it to the layer's first bytes whether it is compressed.
 */
export const manifestOf = (
  config: Pick<Descriptor, 'digest' | 'sizeBytes'>,
  layers: readonly Pick<Descriptor, 'digest' | 'sizeBytes'>[],
) => {
  const describe = (mediaType: string, { digest, sizeBytes }: Pick<Descriptor, 'digest' | 'sizeBytes'>) => ({
    mediaType,
    size: sizeBytes,
    digest,
  })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.dockerManifest,
      config: describe(mediaTypes.dockerConfig, config),
      layers: layers.map(layer => describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)),
    }),
  )
  return { bytes, mediaType: mediaTypes.dockerManifest, digest: sha256(bytes) }
}
