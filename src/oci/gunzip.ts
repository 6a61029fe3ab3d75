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
 * Hands pieces on and takes their memory back at once, when nobody can look at them any more: left to the garbage collector, which
 * sees little of what lies outside its heap, the pieces of one large layer cost it more time than they take to hash.
 *
 * @param pieces each is done with when the next one is asked for; several in a row may share their memory
 */
export const freed = async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before: ArrayBufferLike | undefined
  for await (const piece of pieces) {
    if (piece.buffer !== before) release(before)
    before = piece.buffer
    yield piece
  }
  release(before)
}

const release = (memory: ArrayBufferLike | undefined): void => {
  // Not the one that Node cuts small buffers from
  if (memory instanceof ArrayBuffer && memory.byteLength >= outputChunkBytes) memory.transfer(0)
}

const inputPieceBytes = 256 * 1024

/** What comes from a network comes in small pieces; the trip to the other thread costs more than putting them together. */
const inLargePieces = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let bytes = 0
  for await (const part of source) {
    parts.push(part)
    bytes += part.length
    if (bytes < inputPieceBytes) continue
    yield parts.length === 1 ? part : Buffer.concat(parts, bytes)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts, bytes)
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
    for await (const piece of inLargePieces(source)) {
      fed += piece.length
      yield piece
    }
  }
  const closed = new Promise<void>(resolve => pipeline(counted, stream, () => resolve()))
  yield* freed(stream)
  await closed
  if (stream.bytesWritten !== fed) throw corrupt('something follows the end of its gzip data')
}
