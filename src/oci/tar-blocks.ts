import { blockBytes } from './tar-header.ts'
import { corrupt } from './tar-numbers.ts'

/** Who makes sense of the blocks. Buffers are only valid during the call. */
export interface BlockConsumer {
  /** A header, or a block of zeros. */
  block(block: Buffer): void
  /** Part of the data that {@link BlockFeed.data} announced, in order. */
  data(part: Buffer): void
  /** All of the announced data has come; not called when there was none. */
  dataEnd(): void
}

export interface BlockFeed {
  write(chunk: Uint8Array): void
  /** So many bytes of data, padded to a block, come before the next block. Called by the consumer. */
  data(sizeBytes: number): void
  /** What is left of that data and its padding. */
  left(): number
  /** How many bytes of the archive have been taken; within {@link BlockConsumer.block} that block is among them. */
  position(): number
  /** So many bytes of {@link left} come no more: whoever writes has passed over them. */
  skip(sizeBytes: number): void
  /** The archive is over: what follows is ignored. */
  stop(): void
  /** @throws PreflightError LAYER_CORRUPT when the archive stops within a block or data; only padding may lack */
  end(): void
}

/** Cuts chunks of any size into tar's blocks and data. Nothing but one block is ever copied. */
export const createBlockFeed = (consumer: BlockConsumer): BlockFeed => {
  const gathered = Buffer.allocUnsafe(blockBytes)
  let have = 0
  let dataLeft = 0
  let paddingLeft = 0
  let stopped = false
  let position = 0

  const takeData = (chunk: Buffer): number => {
    const part = chunk.subarray(0, Math.min(dataLeft, chunk.length))
    dataLeft -= part.length
    position += part.length
    consumer.data(part)
    if (dataLeft === 0) consumer.dataEnd()
    return part.length
  }
  const takePadding = (chunk: Buffer): number => {
    const used = Math.min(paddingLeft, chunk.length)
    paddingLeft -= used
    position += used
    return used
  }
  const takeBlock = (chunk: Buffer): number => {
    if (have === 0 && chunk.length >= blockBytes) {
      position += blockBytes
      consumer.block(chunk.subarray(0, blockBytes))
      return blockBytes
    }
    const used = chunk.copy(gathered, have, 0, blockBytes - have)
    have += used
    if (have === blockBytes) {
      have = 0
      position += blockBytes
      consumer.block(gathered)
    }
    return used
  }

  return {
    write(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = 0; at < chunk.length && !stopped; ) {
        const rest = chunk.subarray(at)
        at += dataLeft > 0 ? takeData(rest) : paddingLeft > 0 ? takePadding(rest) : takeBlock(rest)
      }
    },
    data(sizeBytes) {
      dataLeft = sizeBytes
      paddingLeft = (blockBytes - (sizeBytes % blockBytes)) % blockBytes
    },
    left: () => dataLeft + paddingLeft,
    position: () => position,
    skip(sizeBytes) {
      position += sizeBytes
      const ofData = Math.min(dataLeft, sizeBytes)
      dataLeft -= ofData
      paddingLeft -= Math.min(paddingLeft, sizeBytes - ofData)
      if (ofData > 0 && dataLeft === 0) consumer.dataEnd()
    },
    stop() {
      stopped = true
    },
    end() {
      if (have > 0 || dataLeft > 0) throw corrupt('the tar archive is cut off')
    },
  }
}
