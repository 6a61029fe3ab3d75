import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { type Descriptor, isMalformed, type MalformedDescriptor } from './descriptor.ts'
import { type ImageConfig, maxConfigBytes, parseImageConfig, requireDiffIds } from './image-config.ts'
import { type ImageIndex, type ImageManifest, type Manifest, parseManifest, requireImage } from './manifest.ts'
import { isIndexType, isManifestType } from './media-types.ts'
import { formatPlatform, isUnknown, type Platform, ranking, runsOn } from './platform.ts'

/** How the children of an index are read; both give bytes that have the descriptor's digest. */
export interface ChildReader {
  manifest(descriptor: Descriptor): Promise<Uint8Array>
  /** At most `limitBytes`. */
  blob(descriptor: Descriptor, limitBytes: number): Promise<Uint8Array>
}

/** The image that a node runs, with its config. */
export interface ResolvedImage {
  /** Of the image manifest. */
  readonly digest: Digest
  readonly manifest: ImageManifest
  readonly config: ImageConfig
}

/** What a reference points at: a manifest or index with its digest. */
export interface Root {
  readonly digest: Digest
  readonly manifest: Manifest
}

/** An index in an index is legal; a chain of them is not made by any tool. */
const maxNesting = 8

/**
 * The image that containerd 2.4 takes on a node of platform `want` (core/images/image.go `Manifest`): the best matching child
 * of an index; a single manifest whatever its platform.
 *
 * @throws PreflightError PLATFORM_NOT_FOUND, MANIFEST_INVALID, MANIFEST_UNSUPPORTED, IMAGE_CONFIG_INVALID, SIZE_MISMATCH, and what `read` throws
 */
export const imageForPlatform = async (root: Root, want: Platform, read: ChildReader): Promise<ResolvedImage> => {
  const { digest, manifest } =
    root.manifest.kind === 'index' ? await childFor(root.manifest, want, read, 0) : { ...root, manifest: root.manifest }
  requireImage(manifest)
  const config = parseImageConfig(sized(manifest.config, await read.blob(manifest.config, maxConfigBytes)))
  requireDiffIds(config, manifest)
  return { digest, manifest, config }
}

/** What an index offers, as far as its own text says: not attestations, nor children without platform. */
export const offeredPlatforms = (index: ImageIndex): readonly string[] => [
  ...new Set(index.entries.flatMap(({ platform }) => (platform === undefined || isUnknown(platform) ? [] : [formatPlatform(platform)]))),
]

/**
 * The child that containerd takes: best match first, children without platform last, then in their order. It takes one child and
 * never a second one, whatever turns out to be wrong with it.
 */
export const chosenEntry = (index: ImageIndex, want: Platform): Descriptor | MalformedDescriptor | undefined => {
  const rank = ranking(want)
  return index.entries
    .flatMap(entry => {
      const place = entry.platform === undefined ? Number.POSITIVE_INFINITY : rank(entry.platform)
      return place === undefined ? [] : [{ entry, place }]
    })
    .reduce<{ entry: Descriptor | MalformedDescriptor; place: number } | undefined>(
      (best, next) => (best === undefined || next.place < best.place ? next : best),
      undefined,
    )?.entry
}

const childFor = async (
  index: ImageIndex,
  want: Platform,
  read: ChildReader,
  depth: number,
): Promise<{ digest: Digest; manifest: ImageManifest }> => {
  const entry = chosenEntry(index, want)
  if (entry === undefined) throw notFound(index, want)
  if (isMalformed(entry))
    throw new PreflightError('MANIFEST_INVALID', `The index entry for ${formatPlatform(want)} cannot be fetched: ${entry.fault}.`, {
      hint: 'Push the image again.',
    })
  if (!isIndexType(entry.mediaType) && !isManifestType(entry.mediaType)) {
    throw new PreflightError(
      'MANIFEST_UNSUPPORTED',
      `The index entry for ${formatPlatform(want)} is of the media type "${printable(entry.mediaType)}", which containerd does not pull.`,
      {
        hint: 'Push the image again with a current tool.',
      },
    )
  }
  if (depth >= maxNesting)
    throw new PreflightError('MANIFEST_INVALID', `The index is nested deeper than ${maxNesting} levels.`, { hint: 'Push the image again.' })
  const manifest = parseManifest(sized(entry, await read.manifest(entry)), entry.mediaType)
  if (manifest.kind === 'index') return childFor(manifest, want, read, depth + 1)
  if (entry.platform === undefined) {
    const { platform } = parseImageConfig(sized(manifest.config, await read.blob(manifest.config, maxConfigBytes)))
    if (!runsOn(platform, want)) throw notFound(index, want, platform)
  }
  return { digest: entry.digest, manifest }
}

const sized = (descriptor: Descriptor, bytes: Uint8Array): Uint8Array => {
  if (bytes.length === descriptor.sizeBytes) return bytes
  throw new PreflightError(
    'SIZE_MISMATCH',
    `${descriptor.digest} has ${bytes.length} bytes; the manifest that names it says ${descriptor.sizeBytes}.`,
    {
      hint: 'Push the image again.',
    },
  )
}

const notFound = (index: ImageIndex, want: Platform, config?: Platform): PreflightError => {
  const offered = offeredPlatforms(index).map(platform => printable(platform, 60))
  const list =
    offered.length === 0 ? 'names no platform at all' : `offers ${offered.slice(0, 20).join(', ')}${offered.length > 20 ? ' and more' : ''}`
  const judged = config === undefined ? '' : `; its entry without platform is for ${printable(formatPlatform(config), 60)}`
  return new PreflightError('PLATFORM_NOT_FOUND', `The image has nothing for ${formatPlatform(want)}: its index ${list}${judged}.`, {
    hint: `Build it for ${formatPlatform(want)} too and push both under this reference (docker buildx build --platform …).`,
  })
}
