import { pipeline } from 'node:stream'
import { createZstdDecompress, zstdDecompressSync } from 'node:zlib'
import { PreflightError } from '../errors.ts'
import { freed, outputChunkBytes } from './gunzip.ts'
import { corrupt } from './tar-numbers.ts'
import { createFrameWalker, type FrameWalker } from './zstd-frame.ts'

/** Frames up to this are decompressed at once: a stream for each of thousands would cost more than the data. */
const smallFrameBytes = 256 * 1024
const smallOutputBytes = 4 * 1024 * 1024

/** All frames of a zstd stream. @throws PreflightError LAYER_CORRUPT, LAYER_UNSUPPORTED; Node's zlib errors */
export const unzstd = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = createInput(source)
  while (await input.more()) {
    const walker = createFrameWalker()
    const small: Buffer[] = []
    let bytes = 0
    while (!walker.ended && bytes <= smallFrameBytes) {
      const part = await input.part(walker)
      if (walker.skippable) continue
      small.push(part)
      bytes += part.length
    }
    if (walker.skippable) continue
    const whole = walker.ended ? atOnce(Buffer.concat(small)) : undefined
    if (whole !== undefined) yield whole
    else yield* inFlow(walker, small, input)
  }
}

interface Input {
  /** Whether anything is left. */
  more(): Promise<boolean>
  /** The next bytes of the walker's frame. @throws PreflightError LAYER_CORRUPT when there are none */
  part(walker: FrameWalker): Promise<Buffer>
}

const createInput = (source: AsyncIterable<Buffer>): Input => {
  const iterator = source[Symbol.asyncIterator]()
  let chunk = Buffer.alloc(0)
  const more = async () => {
    while (chunk.length === 0) {
      const next = await iterator.next()
      if (next.done === true) return false
      chunk = next.value as Buffer<ArrayBuffer>
    }
    return true
  }
  return {
    more,
    async part(walker) {
      if (!(await more())) throw corrupt('its zstd data is cut off')
      const part = chunk.subarray(0, walker.take(chunk, 0))
      chunk = chunk.subarray(part.length)
      return part
    },
  }
}

/** Undefined when there is more in it than fits at once. */
const atOnce = (frame: Buffer): Buffer | undefined => {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: smallOutputBytes })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw zstdError(error)
  }
}

const inFlow = async function* (walker: FrameWalker, start: readonly Buffer[], input: Input): AsyncGenerator<Buffer> {
  const frame = async function* () {
    yield* start
    while (!walker.ended) yield await input.part(walker)
  }
  const stream = createZstdDecompress({ chunkSize: outputChunkBytes })
  let failed: unknown
  const closed = new Promise<void>(resolve =>
    pipeline(frame, stream, error => {
      failed = error
      resolve()
    }),
  )
  try {
    yield* freed(stream)
  } catch (error) {
    throw zstdError(error)
  }
  await closed
  if (failed !== undefined && failed !== null) throw zstdError(failed)
}

/** Node takes windows up to 128 MiB, as the zstd command does; containerd would take 512. */
const zstdError = (error: unknown): unknown =>
  error instanceof Error && 'code' in error && error.code === 'ZSTD_error_frameParameter_windowTooLarge'
    ? new PreflightError('LAYER_UNSUPPORTED', 'it is zstd with a window of more than 128 MiB', {
        hint: 'Compress the image with a zstd level of at most 19 and without --long.',
        cause: error,
      })
    : error
