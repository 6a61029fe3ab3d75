import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { compressionOf, decompress } from '../oci/decompress.ts'
import { printable } from '../redact.ts'
import { damaged, type LocalFile, type LocalFiles, readHead, readRange, unreadable } from './local-files.ts'
import { type IndexedFile, indexTar } from './tar-index.ts'

export interface ArchiveFiles extends LocalFiles {
  find(name: string): Promise<(LocalFile & { readonly digest?: Digest }) | undefined>
}

/** What a compressed archive may unpack to; above a GiB it may also not be more than so many times its own size. */
const maxUnpackedBytes = 16 * 2 ** 30
const maxRatio = 50

/**
 * The files of a tar archive, read where they lie. A compressed archive is unpacked into a temporary file first, which has no name
 * any more while it is used: nothing is left behind, however the program ends.
 *
 * @param what names it in messages
 * @param options `hashed`: whether each file's digest is wanted
 * @throws PreflightError LOCAL_UNREADABLE, LOCAL_INVALID
 */
export const openArchive = async (
  path: string,
  what: string,
  { hashed, signal }: { readonly hashed: boolean; readonly signal: AbortSignal },
): Promise<ArchiveFiles> => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw unreadable(what, cause)
  })
  let unpacked: FileHandle | undefined
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw damaged(what, stats.isDirectory() ? 'it is a folder, not a file' : 'it is not a regular file')
    const compressed = await isCompressed(handle, what)
    const bytes = readRange(handle, 0, stats.size, what, signal)
    if (compressed) unpacked = await temporaryFile(what)
    const source = unpacked === undefined ? bytes : unpackInto(unpacked, bytes, stats.size, what)
    const index = await indexTar(source, what, hashed)
    if (unpacked !== undefined) await handle.close()
    return filesOf(unpacked ?? handle, index, what, signal)
  } catch (error) {
    await Promise.all([handle.close(), unpacked?.close()])
    throw error
  }
}

const filesOf = (handle: FileHandle, index: Awaited<ReturnType<typeof indexTar>>, what: string, signal: AbortSignal): ArchiveFiles => {
  const file = ({ offset, sizeBytes, digest }: IndexedFile) => ({
    sizeBytes,
    ...(digest === undefined ? {} : { digest }),
    read: () => readRange(handle, offset, sizeBytes, what, signal),
  })
  return {
    async find(name) {
      const found = index.find(name)
      return found && file(found)
    },
    async list(folder, limit) {
      const names: string[] = []
      for (const name of index.names) {
        if (!name.startsWith(`${folder}/`) || name.includes('/', folder.length + 1)) continue
        if (names.push(name.slice(folder.length + 1)) >= limit) break
      }
      return names
    },
    close: () => handle.close(),
  }
}

/** By its first bytes, as containers/image tells it. */
const isCompressed = async (handle: FileHandle, what: string): Promise<boolean> => {
  const head = await readHead(handle, 16, what)
  const other = head.toString('latin1').startsWith('BZh') ? 'bzip2' : head.toString('latin1').startsWith('\xfd7zXZ') ? 'xz' : undefined
  if (other !== undefined) throw damaged(what, `it is compressed with ${other}; gzip and zstd can be read`)
  return compressionOf(head) !== 'none'
}

const temporaryFile = async (what: string): Promise<FileHandle> => {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'velero-plugin-preflight-'))
    const handle = await open(join(folder, 'archive.tar'), 'wx+', 0o600)
    await rm(folder, { recursive: true })
    return handle
  } catch (cause) {
    throw unreadable(`a temporary file, for ${what} is compressed,`, cause)
  }
}

/** The uncompressed bytes, which stand in `file` at the same place. */
async function* unpackInto(
  file: FileHandle,
  compressed: AsyncGenerator<Buffer>,
  compressedBytes: number,
  what: string,
): AsyncGenerator<Buffer> {
  let written = 0
  try {
    for await (const chunk of decompress(compressed, 'sniff')) {
      if (written + chunk.length > maxUnpackedBytes || (written > 2 ** 30 && written > maxRatio * compressedBytes))
        throw damaged(what, `it unpacks to more than ${written} bytes`)
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at, chunk.length - at, written + at)
        at += bytesWritten
      }
      yield chunk
      written += chunk.length
    }
  } catch (error) {
    if (error instanceof PreflightError && error.code.startsWith('LAYER_')) throw damaged(what, printable(error.message), error)
    if (error instanceof PreflightError || !(error instanceof Error && 'code' in error)) throw error
    throw unreadable(`the temporary file into which ${what} is unpacked`, error)
  }
}
