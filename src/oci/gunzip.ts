import { pipeline, type TransformOptions } from 'node:stream'
import { createGunzip, type ZlibOptions } from 'node:zlib'
import { corrupt } from './tar-numbers.ts'

/** Large pieces: each costs one trip to another thread. */
export const outputChunkBytes = 512 * 1024

/**
 * Room for the next pieces on both sides. With Node's own 64 KiB there is never one at hand when one is done, so that the
 * thread that unpacks waits while this one hashes, and this one while that one unpacks.
 */
const options: ZlibOptions & TransformOptions = {
  chunkSize: outputChunkBytes,
  writableHighWaterMark: 256 * 1024,
  readableHighWaterMark: 512 * 1024,
}

/**
 * All members of a gzip stream. Go, and so containerd, refuses whatever stands behind the last one; Node takes zeros there
 * for padding, and stops.
 *
 * @throws PreflightError LAYER_CORRUPT; Node's zlib errors
 */
export const gunzip = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGunzip(options)
  let fed = 0
  const counted = async function* () {
    for await (const chunk of source) {
      fed += chunk.length
      yield chunk
    }
  }
  const closed = new Promise<void>(resolve => pipeline(counted, stream, () => resolve()))
  for await (const chunk of stream) yield chunk as Buffer
  await closed
  if (stream.bytesWritten !== fed) throw corrupt('something follows the end of its gzip data')
}
