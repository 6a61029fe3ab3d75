import { corrupt } from './tar-numbers.ts'

/**
 * Finds where a zstd frame ends, without decompressing it (RFC 8878, 3.1.1): header, blocks with three bytes of header
 * each, checksum. Node's zstd before 26.10 stops after the first frame of a stream without an error, and layers that can be
 * read in parts (zstd:chunked) consist of thousands, so each frame is decompressed by itself.
 */
export interface FrameWalker {
  /** How many bytes of `chunk`, from `start` on, belong to this frame. @throws PreflightError LAYER_CORRUPT */
  take(chunk: Buffer, start: number): number
  /** The whole frame has been taken. */
  readonly ended: boolean
  /** A skippable frame: it holds no data of the archive. */
  readonly skippable: boolean
}

const magic = 0xfd2fb528
const skippableMagic = 0x184d2a50
const dictionaryBytes = [0, 1, 2, 4] as const
const contentSizeBytes = [0, 2, 4, 8] as const
const rawBlock = { rle: 1, reserved: 3 } as const

export const isZstd = (head: Buffer): boolean =>
  head.length >= 4 && (head.readUInt32LE(0) === magic || (head.length >= 8 && isSkippable(head.readUInt32LE(0))))

const isSkippable = (word: number): boolean => (word & 0xfffffff0) >>> 0 === skippableMagic

export const createFrameWalker = (): FrameWalker => {
  const field: number[] = []
  let wanted = 4
  let bodyBytes = 0
  let checksum = false
  let ended = false
  let skippable = false
  let onField: () => void = () => onMagic()

  const expect = (bytes: number, next: () => void) => {
    field.length = 0
    wanted = bytes
    onField = next
    if (bytes === 0) next()
  }
  const number = () => field.reduceRight((value, byte) => value * 256 + byte, 0)
  const onMagic = () => {
    const word = number()
    skippable = isSkippable(word)
    if (!skippable && word !== magic) throw corrupt('something follows the last zstd frame')
    if (skippable) expect(4, () => endAfter(number()))
    else expect(1, onDescriptor)
  }
  const onDescriptor = () => {
    const descriptor = field[0]!
    const single = (descriptor & 0x20) !== 0
    checksum = (descriptor & 4) !== 0
    const size = contentSizeBytes[descriptor >> 6]!
    expect((single ? 0 : 1) + dictionaryBytes[descriptor & 3]! + (size === 0 && single ? 1 : size), block)
  }
  const block = () => {
    bodyBytes = 0
    expect(3, () => {
      const header = number()
      const type = (header >> 1) & 3
      if (type === rawBlock.reserved) throw corrupt('a zstd block has the reserved type')
      const last = (header & 1) === 1
      bodyBytes = type === rawBlock.rle ? 1 : header >> 3
      onField = last ? afterLast : block
      if (bodyBytes === 0) onField()
    })
  }
  const afterLast = () => endAfter(checksum ? 4 : 0)
  const endAfter = (bytes: number) => {
    bodyBytes = bytes
    onField = () => {
      ended = true
    }
    if (bytes === 0) ended = true
  }
  return {
    get ended() {
      return ended
    },
    get skippable() {
      return skippable
    },
    take(chunk, start) {
      let at = start
      while (at < chunk.length && !ended) {
        if (bodyBytes > 0) {
          const used = Math.min(bodyBytes, chunk.length - at)
          at += used
          bodyBytes -= used
          if (bodyBytes === 0) onField()
        } else {
          field.push(chunk[at++]!)
          if (field.length === wanted) onField()
        }
      }
      return at - start
    },
  }
}
