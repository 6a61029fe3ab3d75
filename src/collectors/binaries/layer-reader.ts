import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { handlingOf, type LayerHandling } from '../../oci/decompress.ts'
import type { LayerKey } from '../../oci/layer-record.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { readLayer } from '../../oci/read-layer.ts'
import { announcedTable, TableUnusable } from '../../oci/toc.ts'
import type { LayerCache } from '../../world/world.ts'
import { createSlots } from '../collector.ts'
import type { DeclaredLayer, KnownLayer } from './known-layer.ts'
import { type FetchRange, knownTable, readTable } from './read-table.ts'

/** Layers that are read at the same time in a whole run: more would only wait for the processor. */
const maxStreams = 4
/** Of layers that are kept for further images of the run, in entries: some hundred bytes each. */
const maxKeptEntries = 400_000

/** How the bytes of a layer are come by. */
export interface LayerAccess {
  /** All of them, compressed; they verify themselves at their end. */
  open(): AsyncIterable<Uint8Array>
  /** Absent: the layer is to be read whole, whatever its table of contents says. */
  readonly range?: FetchRange
  /** Whether the registry has it; absent: it is to be read, unless it was this very blob that an earlier run read. */
  isThere?(): Promise<boolean>
}

export interface LayerReader {
  /**
   * The layer's content; one that was read before is not read again.
   *
   * @param diffId that the image's config names; what comes may have another
   * @throws PreflightError LAYER_CORRUPT, LAYER_TOO_LARGE, LAYER_UNSUPPORTED with words that follow the layer's name; what `open` throws
   */
  read(descriptor: Descriptor, diffId: Digest, access: LayerAccess): Promise<KnownLayer>
  /** Every byte of the layer, and every file hashed. @throws PreflightError as `read` */
  readWhole(descriptor: Descriptor, diffId: Digest, access: LayerAccess): Promise<KnownLayer>
  /** True when reading it fetches nothing: it was read, is being read, or an earlier run read it. */
  isHere(descriptor: Descriptor, diffId: Digest): Promise<boolean>
  /** Remembers what was learnt on the way. */
  close(): Promise<void>
}

/** Reads each layer of a run once, and those that an earlier run read not at all: a digest says all of it. */
export const createLayerReader = (signal: AbortSignal, cache?: LayerCache): LayerReader => {
  const known = new Map<string, Promise<KnownLayer>>()
  const slot = createSlots(maxStreams)
  const tables = new Map<string, { readonly key: LayerKey; readonly content: DeclaredLayer }>()
  let keptEntries = 0
  /** What does not fit any more is read again if another image needs it. */
  const keep = (id: string, { content }: KnownLayer) => {
    if (keptEntries + content.entries.length > maxKeptEntries) known.delete(id)
    else keptEntries += content.entries.length
  }
  const share = (id: string, layer: Promise<KnownLayer>): Promise<KnownLayer> => {
    known.set(id, layer)
    layer.then(
      read => keep(id, read),
      () => undefined,
    )
    return layer
  }
  const stream = (key: Key, { open }: LayerAccess, hashed: 'all' | 'programs') =>
    slot(async (): Promise<KnownLayer> => {
      signal.throwIfAborted()
      const content = await readLayer(open(), key.handling, { signal, hashed })
      if (content.diffId === key.diffId) await cache?.put(key, content)
      return { content, cached: false }
    })
  const remembered = async (key: Key, isThere: LayerAccess['isThere']): Promise<KnownLayer | undefined> => {
    const before = await cache?.get(key)
    if (before === undefined) return undefined
    if (before.sameBlob) return { content: before.content, cached: true }
    return (await isThere?.()) ? { content: before.content, cached: true, otherBlob: true } : undefined
  }
  /** What its table of contents says; undefined where it has none that can be used. */
  const declared = async (descriptor: Descriptor, key: Key, range: FetchRange | undefined): Promise<KnownLayer | undefined> => {
    const table = announcedTable(descriptor)
    if (table === undefined || range === undefined || key.handling !== 'sniff') return undefined
    const tableKey: LayerKey = { ...key, handling: 'table' }
    try {
      const before = await cache?.get(tableKey)
      const content = before === undefined ? await readTable(table, key.sizeBytes, range) : knownTable(table, before.content.entries, range)
      tables.set(idOf(key), { key: tableKey, content })
      return { content, cached: before !== undefined, declared: true }
    } catch (error) {
      if (error instanceof TableUnusable) return undefined
      throw error
    }
  }
  const readNow = async (descriptor: Descriptor, key: Key, access: LayerAccess): Promise<KnownLayer> => {
    signal.throwIfAborted()
    return (await remembered(key, access.isThere)) ?? (await declared(descriptor, key, access.range)) ?? stream(key, access, 'programs')
  }
  return {
    async isHere(descriptor, diffId) {
      const key = keyOf(descriptor, diffId)
      const id = idOf(key)
      if (known.has(id)) return true
      const layer = await remembered(key, undefined)
      if (layer === undefined) return false
      if (!known.has(id)) share(id, Promise.resolve(layer))
      return true
    },
    async read(descriptor, diffId, access) {
      const key = keyOf(descriptor, diffId)
      const id = idOf(key)
      const before = known.get(id)
      if (before === undefined) return share(id, readNow(descriptor, key, access))
      try {
        return await before
      } catch (error) {
        // What is wrong with the bytes is so for everybody; a refusal of one repository says nothing of another
        if (error instanceof PreflightError && error.code.startsWith('LAYER_')) throw error
        return share(id, readNow(descriptor, key, access))
      }
    },
    async readWhole(descriptor, diffId, access) {
      const key = keyOf(descriptor, diffId)
      tables.delete(idOf(key))
      return share(idOf(key), stream(key, access, 'all'))
    },
    async close() {
      for (const { key, content } of tables.values()) {
        if (content.fetchedBytes() > 0) await cache?.put(key, { diffId: key.diffId, rawBytes: 0, entries: content.entries })
      }
    },
  }
}

type Key = LayerKey & { readonly handling: LayerHandling }

const keyOf = ({ digest, sizeBytes, mediaType }: Descriptor, diffId: Digest): Key => ({
  digest,
  sizeBytes,
  diffId,
  handling: handlingOf(mediaType),
})

const idOf = ({ digest, sizeBytes, handling }: LayerKey): string => `${digest} ${sizeBytes} ${handling}`
