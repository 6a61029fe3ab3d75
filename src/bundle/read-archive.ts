import { constants, createReadStream, fstat, open } from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal, type Readable } from 'node:stream'
import { promisify } from 'node:util'
import { PreflightError } from '../errors.ts'
import { gunzip } from '../oci/gunzip.ts'
import { createTarReader, type TarEntry } from '../oci/tar-reader.ts'
import type { DataSink } from '../oci/tar-sink.ts'
import { printable } from '../redact.ts'
import { type BundleContent, bundleLimits, createContent, invalid, tooLarge, type Wanted } from './content.ts'
import { createKeeper } from './kept-file.ts'

const call = { fstat: promisify(fstat), open: promisify(open) }

/** A named pipe that nobody writes to would otherwise be waited for in a thread that nothing can end, not even an exit. */
const openFile = async (path: string, signal: AbortSignal | undefined): Promise<Readable> => {
  const fd = await call.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const isPipe = (await call.fstat(fd)).isFIFO()
  const stream = isPipe ? new Socket({ fd, readable: true, writable: false }) : createReadStream(path, { fd, highWaterMark: 1 << 18 })
  return signal === undefined ? stream : addAbortSignal(signal, stream)
}

/**
 * The unpacked bytes of a gzip file, in pieces that are valid until the next one; also of a pipe.
 *
 * @throws PreflightError BUNDLE_INVALID, FILE_TOO_LARGE; what reading throws
 */
export const unpacked = async function* (path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let packedBytes = 0
  let unpackedBytes = 0
  const counted = async function* () {
    for await (const piece of (await openFile(path, signal)) as AsyncIterable<Buffer>) {
      if (packedBytes === 0 && piece[0] !== 0x1f) throw invalid(`${printable(path)} is not a gzip archive.`)
      packedBytes += piece.length
      yield piece
    }
  }
  try {
    for await (const piece of gunzip(counted())) {
      unpackedBytes += piece.length
      if (unpackedBytes > bundleLimits.unpackedBytes) throw tooLarge(path, `${bundleLimits.unpackedBytes} bytes unpacked`)
      if (unpackedBytes > 2 ** 30 && unpackedBytes > bundleLimits.ratio * packedBytes)
        throw tooLarge(path, `${unpackedBytes} bytes from ${packedBytes}, which no bundle is compressed to`)
      yield piece
    }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const fault = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (!/^(?:Z_|LAYER_)/.test(fault)) throw cause
    const what = fault === 'Z_BUF_ERROR' ? 'is cut short: its gzip data ends in the middle' : 'is not a gzip archive, or is damaged'
    throw invalid(`${printable(path)} ${what}.`, cause)
  }
  if (packedBytes === 0) throw invalid(`${printable(path)} is not a gzip archive: it is empty.`)
}

/**
 * Reads an archive once, from its start to its end, and keeps what is wanted.
 *
 * @throws PreflightError BUNDLE_INVALID, FILE_TOO_LARGE; what reading throws
 */
export const readArchive = async (path: string, wanted: Wanted, signal?: AbortSignal): Promise<BundleContent> => {
  const content = createContent(path, wanted)
  const visit = (entry: TarEntry): DataSink | undefined => {
    const { name, keep } = content.visit(text(entry.name))
    if (keep === undefined) return undefined
    if (entry.type === '2') content.put(name, { to: text(entry.linkName) })
    if (entry.type === '1') content.put(name, { to: `${'../'.repeat(name.split('/').length - 1)}${text(entry.linkName)}` })
    if (entry.type !== '0') return undefined
    const keeper = createKeeper(keep)
    return {
      write: bytes => keeper.write(bytes),
      zeros: () => {
        throw invalid(`${printable(path)} holds a sparse file, ${printable(name)}, which no bundle has.`)
      },
      end: () => content.put(name, keeper.end()),
    }
  }
  const reader = createTarReader(visit)
  try {
    for await (const piece of unpacked(path, signal)) reader.write(piece)
    reader.end()
  } catch (cause) {
    if (!(cause instanceof PreflightError) || !cause.code.startsWith('LAYER_')) throw cause
    throw invalid(`${printable(path)} is not a whole tar archive: ${printable(cause.message)}.`, cause)
  }
  return content.end()
}

/** The reader gives one character for each byte. */
const text = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')
