import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { createTarReader, type TarEntry } from '../oci/tar-reader.ts'
import type { DataSink } from '../oci/tar-sink.ts'
import { printable } from '../redact.ts'
import { damaged } from './local-files.ts'

/** Where a file lies in an archive. */
export interface IndexedFile {
  readonly offset: number
  readonly sizeBytes: number
  /** Of its bytes, where that was asked for. */
  readonly digest?: Digest
}

export interface TarIndex {
  readonly names: Iterable<string>
  /** Links followed, also symbolic ones, which only lead to other entries. @throws PreflightError LOCAL_INVALID */
  find(name: string): IndexedFile | undefined
}

/** What stands under a name: a file, another name, or more than one thing. */
type Entry = IndexedFile | { readonly to: string } | 'twice' | 'sparse'

const maxEntries = 20_000
const maxNameLength = 1024
const maxLinks = 8

/**
 * Reads an archive once, from its start to its end, and keeps where each file lies; of the bytes it keeps none.
 *
 * @param source the uncompressed archive
 * @param what names the archive in messages
 * @throws PreflightError LOCAL_INVALID; what `source` throws
 */
export const indexTar = async (source: AsyncIterable<Buffer>, what: string, hashed: boolean): Promise<TarIndex> => {
  const entries = new Map<string, Entry>()
  let count = 0
  let chunk: Buffer = Buffer.alloc(0)
  let chunkAt = 0
  // What is named by its digest is held to it whoever wrote it last.
  const put = (name: string, entry: Entry) => void entries.set(name, entries.has(name) && !name.startsWith('blobs/') ? 'twice' : entry)

  const sinkFor = (name: string, sizeBytes: number): DataSink => {
    const hash = hashed ? createHash('sha256') : undefined
    let offset: number | undefined
    let sparse = false
    return {
      write(bytes) {
        // Data is never copied on its way from the chunk to here, so that its place tells where it lies.
        offset ??= chunkAt + bytes.byteOffset - chunk.byteOffset
        hash?.update(bytes)
      },
      zeros: () => {
        sparse = true
      },
      end: () => put(name, sparse ? 'sparse' : { offset: offset ?? 0, sizeBytes, ...(hash && { digest: `sha256:${hash.digest('hex')}` }) }),
    }
  }
  const visit = (entry: TarEntry): DataSink | undefined => {
    if (++count > maxEntries) throw damaged(what, `it has more than ${maxEntries} entries`)
    const name = cleanName(entry.name)
    if (name.length > maxNameLength || entry.linkName.length > maxNameLength) return undefined
    if (entry.type === '0') return sinkFor(name, entry.sizeBytes)
    if (entry.type === '1') put(name, { to: cleanName(entry.linkName) })
    if (entry.type === '2') put(name, { to: posix.join(posix.dirname(name), entry.linkName) })
    return undefined
  }

  try {
    const reader = createTarReader(visit)
    for await (const next of source) {
      chunkAt += chunk.length
      chunk = next
      reader.write(chunk)
    }
    reader.end()
  } catch (error) {
    if (error instanceof PreflightError && error.code.startsWith('LAYER_'))
      throw damaged(what, `it is not a whole tar archive (${printable(error.message)})`, error)
    throw error
  }
  return { names: entries.keys(), find: name => follow(entries, name, what) }
}

const cleanName = (name: string): string => name.replace(/^(?:\.?\/)+/, '')

const follow = (entries: ReadonlyMap<string, Entry>, name: string, what: string): IndexedFile | undefined => {
  let at = name
  for (let links = 0; links <= maxLinks; links++) {
    const entry = entries.get(at)
    if (entry === undefined) return undefined
    // Which of the two a reader takes differs from program to program.
    if (entry === 'twice') throw damaged(what, `${printable(at)} is in it twice`)
    if (entry === 'sparse') throw damaged(what, `${printable(at)} is a sparse file`)
    if (!('to' in entry)) return entry
    at = entry.to
  }
  throw damaged(what, `${printable(name)} is a link that leads through more than ${maxLinks} others`)
}
