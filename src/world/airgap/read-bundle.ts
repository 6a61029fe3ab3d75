import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PreflightError } from '../../errors.ts'
import { compressionOf, decompress } from '../../oci/decompress.ts'
import { printable } from '../../redact.ts'
import { readBounded } from '../bounded-file.ts'
import { damaged, readHead, readRange, unreadable } from '../local-files.ts'
import { type ByteSource, createSpool, readInPlace } from './byte-source.ts'
import { asDamage, driveFile, faultIn } from './drive.ts'
import type { IndexedImages } from './index-images.ts'
import { indexImages } from './index-images.ts'
import { chartsFile, compressedFault, imagesFile, metadataFile, releaseFile, type ScannedBundle, scanBundle } from './scan-bundle.ts'
import { createKeeper, type Stored } from './stored.ts'

/** What a bundle, an archive of images or a folder of such archives holds, and how its files are read. */
export interface ReadBundle {
  readonly kind: 'bundle' | 'images'
  /** Absent of a folder, and of an archive of images. */
  readonly scanned?: ScannedBundle
  /** Whether it is a gzip archive, which Embedded Cluster alone opens. */
  readonly gzip: boolean
  readonly archives: readonly {
    readonly file: string
    readonly sizeBytes: number
    readonly indexed: IndexedImages
    readonly source: ByteSource
  }[]
  close(): Promise<void>
}

export interface ReadOptions {
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
  /** See SpoolOptions. */
  readonly plan: () => readonly Stored[]
}

const roomBytes = 64 << 20
/** A bundle of an application has some GB. Above a GiB it may also not be more than so many times its own size. */
const maxUnpackedBytes = 256 * 2 ** 30
const maxRatio = 50
/** k0s imports every file of the folder. */
const maxArchives = 100
const flags = constants.O_RDONLY | constants.O_NONBLOCK

/** @throws PreflightError LOCAL_UNREADABLE, LOCAL_INVALID */
export const readBundle = async (path: string, options: ReadOptions): Promise<ReadBundle> => {
  const what = printable(path)
  const stats = await stat(path).catch((cause: unknown) => {
    throw unreadable(what, cause)
  })
  return stats.isDirectory() ? readFolder(path, options) : readFile(path, what, options)
}

const openFile = async (path: string, what: string): Promise<{ readonly handle: FileHandle; readonly sizeBytes: number }> => {
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw unreadable(what, cause)
  })
  const stats = await handle.stat()
  if (stats.isFile()) return { handle, sizeBytes: stats.size }
  await handle.close()
  throw damaged(what, 'it is not a regular file')
}

const readFile = async (path: string, what: string, options: ReadOptions): Promise<ReadBundle> => {
  const { handle, sizeBytes } = await openFile(path, what)
  try {
    const head = await readHead(handle, 16, what)
    const compression = compressionOf(head)
    const { reader, result } = scanBundle(compression === 'none')
    const source = compression === 'none' ? readInPlace(handle, what, options.signal) : spoolOf(handle, sizeBytes, what, options)
    const unpacked = () => unpackedBytes(handle, sizeBytes, what, options.signal, options.progress)
    try {
      if (compression === 'none') await driveFile(reader, handle, { offset: 0, sizeBytes }, what, options.signal)
      else {
        for await (const chunk of unpacked()) reader.write(chunk)
        reader.end()
      }
    } catch (error) {
      throw asDamage(what, error)
    }
    const scanned = result()
    const later = await Promise.all(
      scanned.unread.map(async place => ({ file: imagesFile, ...place, indexed: await indexAt(handle, place, what, options.signal) })),
    )
    const close = () => source.close()
    const { outer } = scanned
    if (isBundle(scanned)) {
      const archives = [...scanned.archives, ...later].map(archive => ({ ...archive, source }))
      return { kind: 'bundle', scanned, gzip: compression === 'gzip', archives, close }
    }
    if (!['index.json', 'manifest.json', 'oci-layout'].some(name => outer.files.has(name)))
      throw damaged(what, `it holds neither ${metadataFile} nor images, so that it is no air-gap bundle`)
    // Of itself, as a node imports it, whatever it is called.
    const fault = compressedFault(head)
    const indexed = fault === undefined ? outer : { ...outer, fault }
    return { kind: 'images', gzip: compression === 'gzip', archives: [{ file: '', sizeBytes, indexed, source }], close }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const isBundle = ({ metadata, release, charts, archives, unread, misnamed }: ScannedBundle): boolean =>
  metadata.length + release.length + charts + archives.length + unread.length + misnamed.length > 0

const spoolOf = (handle: FileHandle, sizeBytes: number, what: string, { signal, plan, progress }: ReadOptions): ByteSource =>
  createSpool({
    what,
    signal,
    plan,
    replay: () => unpackedBytes(handle, sizeBytes, what, signal, progress),
    close: () => handle.close(),
  })

/** The uncompressed bytes, with a word now and then of how far it is. */
async function* unpackedBytes(
  handle: FileHandle,
  sizeBytes: number,
  what: string,
  signal: AbortSignal,
  progress: (text: string) => void,
): AsyncGenerator<Buffer> {
  let read = 0
  let unpacked = 0
  let told = -1
  const counted = async function* () {
    for await (const chunk of readRange(handle, 0, sizeBytes, what, signal)) {
      read += chunk.length
      const percent = Math.floor((100 * read) / sizeBytes)
      if (percent !== told) progress(`${what}: ${percent} % of ${(sizeBytes / 1e9).toFixed(1)} GB`)
      told = percent
      yield chunk
    }
  }
  for await (const chunk of decompress(counted(), 'sniff')) {
    unpacked += chunk.length
    if (unpacked > maxUnpackedBytes || (unpacked > 2 ** 30 && unpacked > maxRatio * sizeBytes))
      throw damaged(what, `it unpacks to more than ${unpacked - chunk.length} bytes`)
    yield chunk
  }
}

const indexAt = async (handle: FileHandle, place: Stored, what: string, signal: AbortSignal): Promise<IndexedImages> => {
  const fault = compressedFault(await readHead(handle, Math.min(16, place.sizeBytes), what, place.offset))
  const { reader, result } = indexImages(createKeeper(roomBytes), place.offset)
  if (fault !== undefined) return result(fault)
  try {
    await driveFile(reader, handle, place, what, signal)
    return result()
  } catch (error) {
    const why = faultIn(error)
    if (why === undefined) throw error
    return result(why)
  }
}

/**
 * A bundle that was unpacked; else the folder from which a node imports, itself or below the data directory (Embedded Cluster 2.19
 * pkg/runtimeconfig EmbeddedClusterK0sSubDir), of which k0s 1.36 takes every file in the order of their names.
 */
const readFolder = async (path: string, { signal }: ReadOptions): Promise<ReadBundle> => {
  const unpacked = await isThere(join(path, imagesFile))
  const folder = unpacked ? path : (await isThere(join(path, 'k0s', 'images'))) ? join(path, 'k0s', 'images') : path
  const names = unpacked ? [imagesFile] : await namesIn(folder)
  const opened: FileHandle[] = []
  const close = async () => void (await Promise.all(opened.map(handle => handle.close())))
  try {
    const archives = []
    for (const file of names) {
      const what = printable(join(folder, file))
      const { handle, sizeBytes } = await openFile(join(folder, file), what)
      opened.push(handle)
      const indexed = await indexAt(handle, { offset: 0, sizeBytes }, what, signal)
      archives.push({ file, sizeBytes, indexed, source: { ...readInPlace(handle, what, signal), close: async () => undefined } })
    }
    if (!unpacked) return { kind: 'images', gzip: false, archives, close }
    const part = async (name: string) =>
      (await isThere(join(path, name))) ? [Buffer.from(await readBounded(join(path, name), 64 << 20, '--airgap-bundle'))] : []
    const nothing = { files: new Map(), links: new Map(), twice: new Set<string>() }
    const scanned: ScannedBundle = {
      outer: nothing,
      metadata: await part(metadataFile),
      release: await part(releaseFile),
      charts: (await isThere(join(path, chartsFile))) ? 1 : 0,
      ...{ archives: [], unread: [], misnamed: [], tags: [] },
    }
    return { kind: 'bundle', scanned, gzip: true, archives, close }
  } catch (error) {
    await close()
    throw error
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const namesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(printable(folder), cause)
  })
  const names = entries.filter(entry => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name)
  if (names.length === 0) throw damaged(printable(folder), 'the folder holds no archive of images')
  if (names.length > maxArchives) throw damaged(printable(folder), `the folder has ${names.length} files; at most ${maxArchives} are read`)
  return names.toSorted()
}

export const isMissing = (error: unknown): boolean =>
  error instanceof PreflightError && error.code === 'LOCAL_UNREADABLE' && error.message.endsWith('is not there.')
