import { corrupt } from './tar-numbers.ts'
import { createMapReader, type Fragment } from './tar-sparse.ts'

/** Takes an entry's data: pieces of the file in order, `sizeBytes` together. */
export interface DataSink {
  /** `bytes` is only valid during the call. */
  write(bytes: Buffer): void
  /** So many zeros: a hole of a sparse file. */
  zeros(sizeBytes: number): void
  end(): void
}

/** One stretch of a sparse file: `data` comes from the archive, the rest is zeros. */
interface Piece {
  readonly data: boolean
  readonly sizeBytes: number
}

/** Turns the data in the archive into the file that it stands for, and gives that to `sink`. */
export const spread = (sink: DataSink, fragments: readonly Fragment[], sizeBytes: number): DataSink => {
  const pieces = piecesOf(fragments, BigInt(sizeBytes))
  let next = 0
  let done = 0
  const holes = () => {
    for (let piece = pieces[next]; piece !== undefined && !piece.data; piece = pieces[++next]) sink.zeros(piece.sizeBytes)
  }
  holes()
  return {
    zeros: sink.zeros,
    end: sink.end,
    write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const left = (pieces[next]?.sizeBytes ?? Number.POSITIVE_INFINITY) - done
        const part = bytes.subarray(at, at + Math.min(left, bytes.length - at))
        sink.write(part)
        at += part.length
        done += part.length
        if (part.length < left) continue
        done = 0
        next++
        holes()
      }
    },
  }
}

/** For sparse 1.0: reads the map first, and gives what follows to the sink that `begin` makes of it. */
export const afterMap = (begin: (fragments: readonly Fragment[], mapBytes: number) => DataSink): DataSink => {
  const map = createMapReader()
  let mapBytes = 0
  let inner: DataSink | undefined
  return {
    zeros: () => undefined,
    write(bytes) {
      let rest = bytes
      if (inner === undefined) {
        const { used, fragments } = map.take(bytes)
        mapBytes += used
        rest = bytes.subarray(used)
        if (fragments !== undefined) inner = begin(fragments, mapBytes)
      }
      if (rest.length > 0) inner?.write(rest)
    },
    end() {
      if (inner === undefined) throw corrupt('a sparse map is cut off')
      inner.end()
    },
  }
}

export const mappedBytes = (fragments: readonly Fragment[]): bigint => fragments.reduce((sum, { length }) => sum + length, 0n)

/** @throws PreflightError LAYER_CORRUPT: fragments overlap, are out of order or lie beyond the file */
const piecesOf = (fragments: readonly Fragment[], sizeBytes: bigint): readonly Piece[] => {
  if (sizeBytes < 0n) throw corrupt('a sparse file has a negative size')
  const list: Piece[] = []
  let end = 0n
  for (const { offset, length } of fragments) {
    if (length < 0n || offset < end || offset + length > sizeBytes) throw corrupt('a sparse map does not fit its file')
    if (length > 0n) {
      if (offset > end) list.push({ data: false, sizeBytes: Number(offset - end) })
      list.push({ data: true, sizeBytes: Number(length) })
    }
    end = offset + length
  }
  if (sizeBytes > end) list.push({ data: false, sizeBytes: Number(sizeBytes - end) })
  return list
}
