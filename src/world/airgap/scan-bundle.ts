import { compressionOf } from '../../oci/decompress.ts'
import type { TarEntry, TarReader } from '../../oci/tar-reader.ts'
import type { DataSink } from '../../oci/tar-sink.ts'
import { faultIn } from './drive.ts'
import { type IndexedImages, indexImages } from './index-images.ts'
import { createKeeper, type Stored } from './stored.ts'

/** An archive of images in a bundle. */
export interface ImageArchive extends Stored {
  readonly file: string
  readonly indexed: IndexedImages
}

/** What was seen of a bundle in one pass. */
export interface ScannedBundle {
  /** As if the whole were itself an archive of images. */
  readonly outer: IndexedImages
  readonly metadata: readonly Buffer[]
  readonly release: readonly Buffer[]
  readonly charts: number
  readonly archives: readonly ImageArchive[]
  /** Those that a reader which can seek comes back to. */
  readonly unread: readonly Stored[]
  /** Names that Embedded Cluster would look for, but for something before them: `./airgap.yaml`. */
  readonly misnamed: readonly string[]
  /** `repository:tag` of registries' folders by the folder that holds them, and of archives. */
  readonly tags: readonly { readonly folder: string; readonly name: string }[]
}

/** replicatedhq/embedded-cluster 2.19 pkg/airgap: names are compared as they are. */
export const imagesFile = 'embedded-cluster/images-amd64.tar'
export const chartsFile = 'embedded-cluster/charts.tar.gz'
export const metadataFile = 'airgap.yaml'
/** kots pkg/archives/airgap.go */
export const releaseFile = 'app.tar.gz'

const roomBytes = 64 << 20
const maxMetadataBytes = 8 << 20
const maxReleaseBytes = 64 << 20
const maxTags = 10_000

const tagPath = /^(.+)\/docker\/registry\/v2\/repositories\/(.+)\/_manifests\/tags\/([^/]+)\/current\/link$/
const archivePath = /^images\/docker-archive\/(.+)\/([^/]+)$/

export const compressedFault = (head: Buffer): string | undefined => {
  const compression = compressionOf(head)
  return compression === 'none' ? undefined : `it is compressed (${compression}), and a node imports plain tar archives alone`
}

/**
 * Reads a bundle from its start to its end, and the images in it with it.
 *
 * @param seeks whether the reader comes back for the images, so that they are passed over now
 */
export const scanBundle = (seeks: boolean): { readonly reader: TarReader; result(): ScannedBundle } => {
  const [metadata, release, archives, unread]: [Buffer[], Buffer[], ImageArchive[], Stored[]] = [[], [], [], []]
  const misnamed = new Set<string>()
  const tags: { folder: string; name: string }[] = []
  let charts = 0

  const known = (entry: TarEntry, offset: number): DataSink | 'pass' | undefined => {
    const { name, sizeBytes, type } = entry
    const plain = name.replace(/^(?:\.?\/)+/, '')
    const wanted = [metadataFile, releaseFile, imagesFile, chartsFile].includes(plain)
    if (!wanted) return noteTag(plain, tags) ? undefined : 'pass'
    if (type !== '0') return undefined
    if (name !== plain) {
      misnamed.add(name)
      return undefined
    }
    if (name === chartsFile) charts++
    if (name === metadataFile && sizeBytes <= maxMetadataBytes) return whole(metadata)
    if (name === releaseFile && sizeBytes <= maxReleaseBytes) return whole(release)
    if (name !== imagesFile) return undefined
    if (!seeks) return nested({ offset, sizeBytes }, archive => archives.push({ file: name, ...archive }))
    unread.push({ offset, sizeBytes })
    return undefined
  }
  const { reader, result } = indexImages(createKeeper(roomBytes), 0, known)
  return { reader, result: () => ({ outer: result(), metadata, release, charts, archives, unread, misnamed: [...misnamed], tags }) }
}

/** What does not belong to the images that a node imports is not remembered by its name. */
const noteTag = (name: string, tags: { folder: string; name: string }[]): boolean => {
  if (!name.startsWith('images/') && !name.startsWith('embedded-cluster/')) return false
  const [, folder = '', repository = '', tag = ''] = tagPath.exec(name) ?? []
  const [, path = '', version = ''] = archivePath.exec(name) ?? []
  if (tags.length < maxTags && tag !== '') tags.push({ folder, name: `${repository}:${tag}` })
  else if (tags.length < maxTags && version !== '') tags.push({ folder: 'images', name: `${path}:${version}` })
  return true
}

const whole = (into: Buffer[]): DataSink => {
  const parts: Buffer[] = []
  return { write: bytes => void parts.push(Buffer.from(bytes)), zeros: () => undefined, end: () => void into.push(Buffer.concat(parts)) }
}

/** An archive in an archive, read as it passes by. What is wrong inside ends neither the outer one nor the run. */
const nested = (place: Stored, end: (archive: Stored & { readonly indexed: IndexedImages }) => void): DataSink => {
  const { reader, result } = indexImages(createKeeper(roomBytes), place.offset)
  let fault: string | undefined
  let begun = false
  const guarded = (read: () => void) => {
    try {
      if (fault === undefined) read()
    } catch (error) {
      fault = faultIn(error)
      if (fault === undefined) throw error
    }
  }
  return {
    write(bytes) {
      if (!begun) fault = compressedFault(bytes)
      begun = true
      guarded(() => reader.write(bytes))
    },
    zeros: () => undefined,
    end() {
      guarded(() => reader.end())
      end({ ...place, indexed: result(fault) })
    },
  }
}
