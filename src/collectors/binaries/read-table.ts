import { type Digest, digestOf } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import type { DeclaredChunk } from '../../oci/declared-chunk.ts'
import { isDeclared } from '../../oci/declared-content.ts'
import { footerBytes, tableStart, tableText } from '../../oci/estargz.ts'
import type { ContentNeeded } from '../../oci/file-content.ts'
import type { LayerEntry } from '../../oci/layer-entry.ts'
import { layerLimits } from '../../oci/read-layer.ts'
import { type AnnouncedTable, TableUnusable, tableLimits } from '../../oci/toc.ts'
import { entriesOf } from '../../oci/toc-entries.ts'
import { unpackTable } from '../../oci/zstd-chunked.ts'
import type { DeclaredLayer } from './known-layer.ts'

/** Some bytes of the layer; undefined where the registry does not give parts. */
export type FetchRange = (range: { readonly start: number; readonly end: number }) => Promise<Uint8Array | undefined>

/** With which most tables of contents come in one request. */
const tailBytes = 48 << 10
/** Chunks this near to each other are fetched together: a round trip costs more than what lies between. */
const gapBytes = 16 << 10
/** Plugins of one folder, of which the same is asked one after the other: they are fetched side by side. */
const maxSiblings = 8
const pluginFolder = /(?:^|\/)plugins\//
/** What one layer may cost before it is simpler to read it. Real ones need some ten requests. */
const maxRequests = 300
/** Of one request: a chunk, with what is near to it. */
const maxPartBytes = 36 << 20

/**
 * What the layer's table of contents says is in it.
 *
 * @throws TableUnusable where it cannot be had, has another digest than was announced, or leaves anything open
 */
export const readTable = async (table: AnnouncedTable, sizeBytes: number, get: FetchRange): Promise<DeclaredLayer> => {
  const counted = counting(get, sizeBytes)
  const { text, end } = await tableOf(table, sizeBytes, counted.partOf)
  return declaredLayer(table, entriesOf(text, table.kind, end), counted)
}

/** @param known what an earlier run found out */
export const knownTable = (table: AnnouncedTable, known: readonly LayerEntry[], sizeBytes: number, get: FetchRange): DeclaredLayer =>
  declaredLayer(table, known, counting(get, sizeBytes))

/** The bytes of the layer from `start` up to `end`. */
type PartOf = (start: number, end: number) => Promise<Buffer>

const counting = (get: FetchRange, sizeBytes: number) => {
  let fetchedBytes = 0
  let askedBytes = 0
  let requests = 0
  let rawBytes = 0
  const spend = (bytes: number) => {
    rawBytes += bytes
    if (rawBytes > layerLimits.freeBytes && rawBytes > layerLimits.ratio * fetchedBytes) {
      throw new TableUnusable('more comes out of its chunks than of any real layer')
    }
  }
  const partOf: PartOf = async (start, end) => {
    requests++
    askedBytes += end - start
    if (requests > maxRequests || end - start > maxPartBytes || askedBytes > 2 * sizeBytes) {
      throw new TableUnusable('more would be asked for than reading the layer costs')
    }
    const bytes = await get({ start, end }).catch((cause: unknown) => {
      // Whatever keeps a part from us is said by whoever fetches the whole
      throw cause instanceof PreflightError ? new TableUnusable(cause.message, { cause }) : cause
    })
    if (bytes?.length !== end - start) throw new TableUnusable('the registry does not give parts of the layer')
    fetchedBytes += bytes.length
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }
  return { partOf, spend, fetchedBytes: () => fetchedBytes }
}

const tableOf = async (
  table: AnnouncedTable,
  sizeBytes: number,
  partOf: PartOf,
): Promise<{ readonly text: Buffer; readonly end: number }> => {
  if (table.kind === 'zstd:chunked') {
    const stored = verified(await partOf(table.start, table.end), table.digest)
    return { text: unpackTable(stored, table.rawBytes), end: table.start }
  }
  const tailStart = Math.max(0, sizeBytes - tailBytes)
  const tail = await partOf(tailStart, sizeBytes)
  const end = sizeBytes - footerBytes
  const start = tableStart(tail.subarray(-footerBytes))
  if (start >= end || end - start > tableLimits.storedBytes) throw new TableUnusable('its table of contents is where it cannot be')
  const before = start < tailStart ? await partOf(start, tailStart) : Buffer.alloc(0)
  const member = Buffer.concat([before, tail.subarray(Math.max(0, start - tailStart), -footerBytes)])
  return { text: verified(tableText(member), table.digest), end: start }
}

const verified = (bytes: Buffer, digest: Digest): Buffer => {
  if (digestOf(bytes, digest) === digest) return bytes
  throw new TableUnusable('its table of contents has another digest than the manifest says')
}

const declaredLayer = (
  table: AnnouncedTable,
  entries: readonly LayerEntry[],
  { partOf, spend, fetchedBytes }: ReturnType<typeof counting>,
): DeclaredLayer => {
  const folderOf = ({ name }: LayerEntry) => name.slice(0, name.lastIndexOf('/') + 1)
  const load = async ({ content, part }: ContentNeeded) => {
    const asked = entries.find(entry => entry.content === content)
    if (asked === undefined) throw new TypeError('the file is not of this layer')
    const folder = folderOf(asked)
    const siblings = pluginFolder.test(folder)
      ? entries.filter(entry => entry !== asked && (entry.mode & 0o111) !== 0 && folderOf(entry) === folder)
      : []
    const files = [asked, ...siblings.slice(0, maxSiblings)]
    await Promise.all(files.map(file => (file.content === undefined ? undefined : loadOne(file.content, part, partOf, spend))))
  }
  // Images may share a layer, and what is asked of one file is fetched step by step
  let before: Promise<unknown> = Promise.resolve()
  return {
    table,
    entries,
    tableBytes: fetchedBytes(),
    fetchedBytes,
    load(need) {
      const loading = before.then(() => load(need))
      before = loading.catch(() => undefined)
      return loading
    },
  }
}

const loadOne = async (
  content: NonNullable<LayerEntry['content']>,
  part: ContentNeeded['part'],
  partOf: PartOf,
  spend: (rawBytes: number) => void,
): Promise<void> => {
  if (!isDeclared(content)) throw new TypeError('the file is not one of a table of contents')
  for (let wanted = content.wanted(part); wanted.length > 0; wanted = content.wanted(part)) {
    content.take(part, await fetchChunks(wanted, partOf), spend)
  }
}

/** In as few requests as their places allow. */
const fetchChunks = async (chunks: readonly DeclaredChunk[], partOf: PartOf): Promise<readonly Buffer[]> => {
  const runs: DeclaredChunk[][] = []
  for (const chunk of chunks) {
    const last = runs.at(-1)?.at(-1)
    if (last !== undefined && chunk.start >= last.start && chunk.start - last.end <= gapBytes) runs.at(-1)!.push(chunk)
    else runs.push([chunk])
  }
  const parts = await Promise.all(
    runs.map(async run => {
      const start = run[0]!.start
      const bytes = await partOf(
        start,
        run.reduce((furthest, { end }) => Math.max(furthest, end), start),
      )
      return run.map(chunk => bytes.subarray(chunk.start - start, chunk.end - start))
    }),
  )
  return parts.flat()
}
