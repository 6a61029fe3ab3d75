import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Digest } from '../digest.ts'
import { type DeclaredState, declaredContent } from './declared-content.ts'
import type { LayerHandling } from './decompress.ts'
import { withoutDigest } from './file-content.ts'
import type { LayerEntry } from './layer-entry.ts'
import type { LayerContent } from './read-layer.ts'

/** Raised whenever {@link LayerContent} of the same bytes becomes another: what earlier readers wrote down is then read anew. */
export const layerReaderVersion = 2

/** What the content of a layer depends on. */
export interface LayerKey {
  /** Of the compressed bytes. */
  readonly digest: Digest
  readonly sizeBytes: number
  /** Of the uncompressed bytes, as the image's config names it. */
  readonly diffId: Digest
  /** `table`, and which: not the layer was read, but what its descriptor says is its table of contents. */
  readonly handling: LayerHandling | `table ${string}`
}

/** A layer of more entries is quicker read again than kept. */
const maxEntries = 100_000
const maxJsonBytes = 256 << 20
const magic = 'preflight-layer'

/** Under which name what a layer holds is kept: the same for each blob that unpacks to it. */
export const recordName = (key: LayerKey): string => hash('sha256', identityOf(key))

/** Under which name it is kept that this very blob was read, and unpacked to its diff_id. */
export const blobName = ({ digest, sizeBytes, diffId, handling }: LayerKey): string =>
  hash('sha256', JSON.stringify([layerReaderVersion, digest, sizeBytes, diffId, handling]))

/** One line of text: who has another reader or key finds nothing there. */
const identityOf = ({ digest, diffId, handling }: LayerKey): string =>
  JSON.stringify(handling.startsWith('table ') ? [layerReaderVersion, diffId, handling, digest] : [layerReaderVersion, diffId])

/** A layer that was read to its end and has its digest and diff_id, in bytes to be kept; undefined when it is too large. */
export const recordOf = (key: LayerKey, content: LayerContent): Buffer | undefined => {
  if (content.entries.length > maxEntries || content.diffId !== key.diffId) return undefined
  const body = zstdCompressSync(JSON.stringify(content))
  return Buffer.concat([Buffer.from(headOf(key, body)), body])
}

const headOf = (key: LayerKey, body: Uint8Array): string => `${magic} ${hash('sha256', body)} ${identityOf(key)}\n`

/** What {@link recordOf} was given; undefined when the record is damaged, cut short, or of another key or reader. */
export const contentOf = (key: LayerKey, record: Buffer): LayerContent | undefined => {
  const newline = record.indexOf('\n')
  const body = record.subarray(newline + 1)
  if (newline < 0 || record.toString('utf8', 0, newline + 1) !== headOf(key, body)) return undefined
  try {
    const content = JSON.parse(zstdDecompressSync(body, { maxOutputLength: maxJsonBytes }).toString()) as Partial<LayerContent>
    return isContent(content) && content.diffId === key.diffId ? { ...content, entries: content.entries.map(revived) } : undefined
  } catch {
    return undefined
  }
}

/** JSON leaves out what throws when it is asked for. */
const revived = (entry: LayerEntry): LayerEntry => {
  const { content } = entry
  if (content === undefined) return entry
  if ('chunks' in content) return { ...entry, content: declaredContent(content as unknown as DeclaredState) }
  return content.partial ? { ...entry, content: withoutDigest(content) } : entry
}

const isContent = (content: Partial<LayerContent> | null): content is LayerContent =>
  typeof content === 'object' && content !== null && typeof content.rawBytes === 'number' && Array.isArray(content.entries)
