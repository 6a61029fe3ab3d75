import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { damaged, readRange, unreadable } from '../local-files.ts'
import type { Stored } from './stored.ts'

/** Gives the bytes of files that lie in an archive. */
export interface ByteSource {
  read(file: Stored): AsyncGenerator<Uint8Array>
  close(): Promise<void>
}

/** Of an archive that is not compressed: where they lie. */
export const readInPlace = (handle: FileHandle, what: string, signal: AbortSignal): ByteSource => ({
  read: ({ offset, sizeBytes }) => readRange(handle, offset, sizeBytes, what, signal),
  close: () => handle.close(),
})

export interface SpoolOptions {
  readonly what: string
  readonly signal: AbortSignal
  /** The uncompressed archive once more, from its start. */
  readonly replay: () => AsyncIterable<Buffer>
  /** What will be read soon, so that one more pass is enough for all of it. */
  readonly plan: () => readonly Stored[]
  readonly close: () => Promise<void>
}

/** Far more than all plugins together. */
const maxSpooledBytes = 16 * 2 ** 30
/** Plans hold nearly all; who makes every file need a pass of its own does not get many. */
const maxPasses = 5

/**
 * Of a compressed archive, in which nothing can be reached but by unpacking all before it: when the first file is asked for, all
 * that are planned are copied into a temporary file in one pass, which ends behind the last of them. The temporary file has no name
 * any more while it is used.
 */
export const createSpool = ({ what, signal, replay, plan, close }: SpoolOptions): ByteSource => {
  const copied = new Map<number, Stored>()
  let file: Promise<FileHandle> | undefined
  let running: Promise<void> = Promise.resolve()
  let passes = 0
  let spooledBytes = 0

  const pass = async (wanted: readonly Stored[]): Promise<void> => {
    if (++passes > maxPasses) throw damaged(what, 'its files cannot be read without unpacking it again and again')
    file ??= temporaryFile(what)
    const handle = await file
    const order = wanted.toSorted((a, b) => a.offset - b.offset)
    const total = order.reduce((sum, { sizeBytes }) => sum + sizeBytes, spooledBytes)
    if (total > maxSpooledBytes) throw damaged(what, `the images of the plugins in it have ${total} bytes`)
    const places = new Map<number, Stored>()
    let writeAt = spooledBytes
    for (const { offset, sizeBytes } of order) {
      places.set(offset, { offset: writeAt, sizeBytes })
      writeAt += sizeBytes
    }
    await copy(replay(), order, places, handle, what)
    spooledBytes = writeAt
    for (const [offset, place] of places) copied.set(offset, place)
  }

  const ensure = async (wanted: Stored): Promise<Stored> => {
    // One after the other: the pass that another one began may bring it.
    const turn = running.then(async () => {
      if (copied.has(wanted.offset)) return
      const all = new Map([...plan(), wanted].filter(({ offset }) => !copied.has(offset)).map(one => [one.offset, one]))
      await pass([...all.values()])
    })
    running = turn.catch(() => undefined)
    await turn
    return copied.get(wanted.offset)!
  }

  return {
    async *read(wanted) {
      if (wanted.sizeBytes === 0) return
      const { offset, sizeBytes } = await ensure(wanted)
      yield* readRange(await file!, offset, sizeBytes, what, signal)
    },
    async close() {
      await running
      await Promise.all([close(), file?.then(handle => handle.close())])
    },
  }
}

/** What lies in the ranges of `order`, which do not overlap, at their places in `into`. */
const copy = async (
  source: AsyncIterable<Buffer>,
  order: readonly Stored[],
  places: ReadonlyMap<number, Stored>,
  into: FileHandle,
  what: string,
): Promise<void> => {
  let at = 0
  let next = 0
  for await (const chunk of source) {
    const end = at + chunk.length
    for (let file = order[next]; file !== undefined && file.offset < end; file = order[next]) {
      const from = Math.max(file.offset, at)
      const to = Math.min(file.offset + file.sizeBytes, end)
      if (to > from) await writeAll(into, chunk.subarray(from - at, to - at), places.get(file.offset)!.offset + from - file.offset, what)
      if (file.offset + file.sizeBytes > end) break
      next++
    }
    at = end
    if (next === order.length) return
  }
  throw damaged(what, 'it is shorter than when it was read first')
}

const writeAll = async (file: FileHandle, bytes: Buffer, position: number, what: string): Promise<void> => {
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
      at += bytesWritten
    }
  } catch (cause) {
    throw unreadable(`the temporary file into which images of ${what} are unpacked`, cause)
  }
}

const temporaryFile = async (what: string): Promise<FileHandle> => {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'velero-plugin-preflight-'))
    const handle = await open(join(folder, 'images'), 'wx+', 0o600)
    await rm(folder, { recursive: true })
    return handle
  } catch (cause) {
    throw unreadable(`a temporary file, for ${what} is compressed,`, cause)
  }
}
