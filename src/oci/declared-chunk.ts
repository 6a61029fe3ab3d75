import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type Digest, digestOf } from '../digest.ts'
import { TableUnusable } from './toc.ts'

/** A piece of a file that can be fetched and verified by itself. */
export interface DeclaredChunk {
  /** Where in the file it begins. */
  readonly fileOffset: number
  readonly sizeBytes: number
  /** Where in the layer it is stored; the end is exclusive, and may take in what follows the chunk. */
  readonly start: number
  readonly end: number
  /** What comes before it once its bytes are unpacked. */
  readonly skipBytes: number
  /** Of its uncompressed bytes. */
  readonly digest: Digest
  readonly compression: 'gzip' | 'zstd'
}

/** What may follow a chunk in its gzip member: the headers of links and directories. */
const slackBytes = 4 << 20

/** Chunks that were compressed together are unpacked together. @throws TableUnusable */
export const unpackedAll = (
  chunks: readonly DeclaredChunk[],
  stored: readonly Uint8Array[],
  spend: (rawBytes: number) => void,
): readonly Buffer[] => {
  const all: Buffer[] = []
  for (let first = 0; first < chunks.length; ) {
    const { start, end, compression } = chunks[first]!
    let after = first
    let limit = 0
    for (let chunk = chunks[after]; chunk?.start === start && chunk.end === end; chunk = chunks[++after]) {
      limit = Math.max(limit, chunk.skipBytes + chunk.sizeBytes)
    }
    const raw = unpacked(stored[first]!, compression, limit)
    spend(raw.length)
    for (const chunk of chunks.slice(first, after)) all.push(pieceOf(raw, chunk))
    first = after
  }
  return all
}

/** @param limit what is wanted of it */
const unpacked = (stored: Uint8Array, compression: DeclaredChunk['compression'], limit: number): Buffer => {
  try {
    return compression === 'gzip'
      ? gunzipSync(stored, { maxOutputLength: limit + slackBytes })
      : zstdDecompressSync(stored, { maxOutputLength: limit })
  } catch (cause) {
    throw new TableUnusable('a chunk cannot be unpacked', { cause })
  }
}

const pieceOf = (raw: Buffer, { skipBytes, sizeBytes, digest }: DeclaredChunk): Buffer => {
  const bytes = raw.subarray(skipBytes, skipBytes + sizeBytes)
  if (bytes.length === sizeBytes && digestOf(bytes, digest) === digest) return bytes
  throw new TableUnusable('a chunk has another digest than its table of contents says')
}
