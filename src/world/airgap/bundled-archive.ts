import { createHash } from 'node:crypto'
import { type Digest, sha256 } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import type { BundledPlatform, ImageArchiveFact } from '../../facts/airgap.ts'
import { failure } from '../../facts/fact.ts'
import { maxConfigBytes, parseImageConfig } from '../../oci/image-config.ts'
import type { ImportedName } from '../../oci/imported-names.ts'
import { parseManifest, unpackedLayers } from '../../oci/manifest.ts'
import { formatPlatform, parsePlatform, runsOn } from '../../oci/platform.ts'
import { imageForPlatform } from '../../oci/platform-image.ts'
import { printable } from '../../redact.ts'
import type { ArchiveFiles } from '../archive-files.ts'
import { dockerArchiveImage } from '../docker-archive.ts'
import { layoutImage } from '../layout-image.ts'
import { readWhole } from '../local-files.ts'
import type { LocalImage } from '../local-image.ts'
import type { ByteSource } from './byte-source.ts'
import { fileOf, importArchive } from './import-archive.ts'
import type { IndexedImages } from './index-images.ts'
import type { Stored } from './stored.ts'

/** An archive of images that a node imports. */
export interface BundledArchive {
  readonly fact: ImageArchiveFact
  readonly names: readonly ImportedName[]
  /** Where its images are, for messages. */
  readonly what: string
  /** The image that a name points at; one for each name, however often it is asked for. */
  image(name: ImportedName): LocalImage
  /** What a node of this platform would run, as far as small files tell. */
  platform(name: ImportedName, platform: string): Promise<BundledPlatform>
  /** The files that reading the image for this platform takes, beside those that were kept. */
  layers(name: ImportedName, platform: string): Promise<readonly Stored[]>
}

/** Signatures' manifests and the like are far smaller. */
const maxAttachedBytes = 256 << 10

/** @param path of the bundle, as given */
export const bundledArchive = (
  path: string,
  { file, sizeBytes, indexed }: { readonly file: string; readonly sizeBytes: number; readonly indexed: IndexedImages },
  source: ByteSource,
): BundledArchive => {
  const imported = importArchive(indexed)
  const what = file === '' ? path : `${path}/${file}`
  const fact = {
    file: file === '' ? path : file,
    sizeBytes,
    names: imported.names.length,
    ...(imported.fault === undefined ? { format: imported.format } : { fault: imported.fault }),
  }
  const files = filesOf(indexed, source, imported.fault === undefined && imported.format === 'docker')
  const images = new Map<number, LocalImage>()
  const open = ({ number, entry }: ImportedName): LocalImage => {
    const named = { path: what, text: what }
    return entry === undefined
      ? dockerArchiveImage({ transport: 'docker-archive', number, ...named }, files)
      : layoutImage({ transport: 'oci-archive', digest: entry.digest, ...named }, files)
  }
  const image = (name: ImportedName): LocalImage => {
    const opened = images.get(name.number) ?? open(name)
    images.set(name.number, opened)
    return opened
  }

  const inLayout = async (name: ImportedName, platform: string) => {
    const local = image(name)
    const { digest, bytes, mediaType } = await local.root()
    const found = await imageForPlatform({ digest, manifest: parseManifest(bytes, mediaType) }, parsePlatform(platform), {
      manifest: async child => (await local.manifest(child.digest)).bytes,
      blob: async descriptor => {
        const config = await files.find(blobPath(descriptor.digest))
        if (config === undefined) throw lost(`the config ${descriptor.digest}`, what)
        return readWhole(config, maxConfigBytes, `${descriptor.digest} in ${what}`)
      },
    })
    const layers = unpackedLayers(found.manifest).map(({ digest, sizeBytes }) => {
      const stored = indexed.files.get(blobPath(digest))
      return { name: digest, stored: stored?.sizeBytes === sizeBytes ? stored : undefined }
    })
    return { digest: found.digest, config: found.config, layers }
  }
  const inDocker = async ({ number }: ImportedName) => {
    const listed = imported.fault === undefined && imported.format === 'docker' ? imported.images[number] : undefined
    const config = listed && fileOf(indexed, listed.config)?.bytes
    if (listed === undefined || config === undefined) throw lost(`the config ${printable(listed?.config ?? '', 120)}`, what)
    const layers = listed.layers.map(layer => ({ name: printable(layer, 120), stored: fileOf(indexed, layer) }))
    return { config: parseImageConfig(config), layers }
  }
  const look = (name: ImportedName, platform: string) => (name.entry === undefined ? inDocker(name) : inLayout(name, platform))

  return {
    fact,
    names: imported.names,
    what,
    image,
    async platform(name, platform) {
      try {
        const { config, layers, ...found } = await look(name, platform)
        const missing = layers.flatMap(({ name: layer, stored }) => (stored === undefined ? [layer] : []))
        const configPlatform = formatPlatform(config.platform)
        // What is alone in an archive is not imported for other platforms; in a registry nobody would compare.
        if (!runsOn(config.platform, parsePlatform(platform))) throw otherPlatform(configPlatform, platform)
        return { platform, ok: true, ...found, configPlatform, layers: layers.length, missing }
      } catch (error) {
        return { platform, ...failure(error) }
      }
    },
    async layers(name, platform) {
      const { layers } = await look(name, platform)
      return layers.flatMap(({ stored }) => (stored === undefined || stored.bytes !== undefined ? [] : [stored]))
    },
  }
}

const blobPath = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

const lost = (part: string, what: string): PreflightError =>
  new PreflightError('BLOB_NOT_FOUND', `${what} does not have ${part}.`, { hint: 'Make the bundle again.' })

const otherPlatform = (found: string, platform: string): PreflightError =>
  new PreflightError('PLATFORM_NOT_FOUND', `The image has nothing for ${platform}: it is for ${printable(found, 60)}.`)

const filesOf = (indexed: IndexedImages, source: ByteSource, hashed: boolean): ArchiveFiles => {
  const digests = new Map<Stored, Promise<Digest>>()
  const read = (stored: Stored) => (stored.bytes === undefined ? source.read(stored) : once(stored.bytes))
  const digestOf = (stored: Stored): Promise<Digest> => {
    const known = digests.get(stored) ?? (stored.bytes === undefined ? hash(read(stored)) : Promise.resolve(sha256(stored.bytes)))
    digests.set(stored, known)
    return known
  }
  return {
    async find(name) {
      const stored = hashed ? fileOf(indexed, name) : indexed.files.get(name)
      if (stored === undefined) return undefined
      const digest = hashed ? await digestOf(stored) : undefined
      return { sizeBytes: stored.sizeBytes, ...(digest && { digest }), read: () => read(stored) }
    },
    // What hangs on images is found by looking into it, which layers need not be unpacked for.
    list: async (folder, limit) =>
      [...indexed.files]
        .filter(([name, { bytes }]) => name.startsWith(`${folder}/`) && isSmallJson(bytes))
        .map(([name]) => name.slice(folder.length + 1))
        .slice(0, limit),
    close: () => source.close(),
  }
}

const isSmallJson = (bytes: Buffer | undefined): boolean => bytes !== undefined && bytes.length <= maxAttachedBytes && bytes[0] === 0x7b

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

const hash = async (bytes: AsyncIterable<Uint8Array>): Promise<Digest> => {
  const hash = createHash('sha256')
  for await (const piece of bytes) hash.update(piece)
  return `sha256:${hash.digest('hex')}`
}
