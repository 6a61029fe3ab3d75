import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { parseManifest } from '../oci/manifest.ts'
import { isIndexType, mediaTypes } from '../oci/media-types.ts'
import { parseReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { BlobReader } from './attached.ts'
import type { Collected } from './where.ts'

/**
 * Facts of another image than the reference pins are none of this one, whatever a bundle says, nor are facts of images that the pinned
 * index does not list: somebody trusted may have signed these.
 *
 * @param image as the node is told to run it
 * @throws PreflightError FACT_ALTERED, and what `blob` throws
 */
export const requirePinned = (fact: Collected, image: string, blob: BlobReader): void => {
  const pinned = fact.local === undefined ? pinnedDigest(image) : undefined
  if (pinned === undefined) return
  if (pinned !== fact.digest) throw altered(`${printable(image)}: the facts are about ${fact.digest}, which is another image.`)
  const stranger = unlisted(fact, blob)
  if (stranger !== undefined)
    throw altered(`${printable(image)}: the facts are also about ${stranger}, which is not in the index ${fact.digest}.`)
}

const altered = (message: string) =>
  new PreflightError('FACT_ALTERED', message, { hint: 'Analyze the bundle as it was written, or collect again.' })

/** An image of a platform that the index does not have. Indexes inside it are not kept, and could list it. */
const unlisted = ({ digest, root, mediaType = mediaTypes.ociIndex, platforms }: Collected, blob: BlobReader): Digest | undefined => {
  const claimed = platforms.flatMap(platform => (platform.ok ? [platform.digest] : []))
  if (root !== 'index' || claimed.length === 0) return undefined
  const index = parseManifest(blob(digest), mediaType)
  const listed = index.kind === 'index' ? index.manifests : []
  if (listed.some(child => isIndexType(child.mediaType))) return undefined
  return claimed.find(one => !listed.some(child => child.digest === one))
}

/** Undefined where a tag alone is named. */
const pinnedDigest = (image: string): string | undefined => {
  try {
    return parseReference(image).digest
  } catch {
    return undefined
  }
}
