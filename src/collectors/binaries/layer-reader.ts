import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { handlingOf, type LayerHandling } from '../../oci/decompress.ts'
import type { LayerKey } from '../../oci/layer-record.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { readLayer } from '../../oci/read-layer.ts'
import { type AnnouncedTable, announcedTable, TableUnusable, tableId } from '../../oci/toc.ts'
import type { LayerCache } from '../../world/world.ts'
import { createSlots } from '../collector.ts'
import type { DeclaredLayer, KnownLayer } from './known-layer.ts'
import { type FetchRange, knownTable, readTable } from './read-table.ts'

/** Layers that are read at the same time in a whole run: while some wait for a long link, others keep the processor busy. */
const maxStreams = 8
/** Of layers that are kept for further images of the run, in entries: some hundred bytes each. */
const maxKeptEntries = 400_000

/** How the bytes of a layer are come by. */
export interface LayerAccess {
  /** All of them, compressed; they verify themselves at their end. */
  open(): AsyncIterable<Uint8Array>
  /** Absent: the layer is to be read whole, whatever its table of contents says. */
  readonly range?: FetchRange | undefined
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
  /** What is to be remembered of tables when the run ends, with what was fetched of their layers by then. */
  const tables = new Map<string, { readonly key: LayerKey; readonly content: DeclaredLayer }>()
  const remembering: Promise<void>[] = []
  let keptEntries = 0
  const remember = async (id: string) => {
    const table = tables.get(id)
    tables.delete(id)
    if (table === undefined || table.content.fetchedBytes() === 0) return
    await cache?.put(table.key, { diffId: table.key.diffId, rawBytes: 0, entries: table.content.entries })
  }
  /** What does not fit any more is read again if another image needs it. */
  const keep = (id: string, { content }: KnownLayer) => {
    if (keptEntries + content.entries.length <= maxKeptEntries) keptEntries += content.entries.length
    else {
      known.delete(id)
      remembering.push(remember(id))
    }
  }
  const share = (id: string, layer: Promise<KnownLayer>): Promise<KnownLayer> => {
    known.set(id, layer)
    layer.then(
      read => keep(id, read),
      () => undefined,
    )
    return layer
  }
  /** The same for all who ask. */
  const once = async (id: string, read: () => Promise<KnownLayer>): Promise<KnownLayer> => {
    const before = known.get(id)
    if (before === undefined) return share(id, read())
    try {
      return await before
    } catch (error) {
      // What is wrong with the bytes is so for everybody; a refusal of one repository says nothing of another
      if (error instanceof PreflightError && error.code.startsWith('LAYER_')) throw error
      return share(id, read())
    }
  }
  const stream = (key: Key, { open }: LayerAccess, hashed: 'all' | 'programs') =>
    slot(async (): Promise<KnownLayer> => {
      signal.throwIfAborted()
      const content = await readLayer(open(), key.handling, { signal, hashed })
      if (content.diffId === key.diffId) await cache?.put(key, content)
      return { content, cached: false }
    })
  const remembered = async (key: Key, isThere: LayerAccess['isThere']): Promise<KnownLayer | undefined> => {
    signal.throwIfAborted()
    const before = await cache?.get(key)
    if (before === undefined) return undefined
    if (before.sameBlob) return { content: before.content, cached: true }
    return (await isThere?.()) ? { content: before.content, cached: true, otherBlob: true } : undefined
  }
  /** What its table of contents says; undefined where that cannot be used. */
  const declared = async (id: string, table: AnnouncedTable, key: Key, range: FetchRange): Promise<KnownLayer | undefined> => {
    const tableKey: LayerKey = { ...key, handling: `table ${tableId(table)}` }
    try {
      const before = await cache?.get(tableKey)
      const content =
        before === undefined
          ? await readTable(table, key.sizeBytes, range)
          : knownTable(table, before.content.entries, key.sizeBytes, range)
      if (cache !== undefined) tables.set(id, { key: tableKey, content })
      return { content, cached: before !== undefined, declared: true }
    } catch (error) {
      if (error instanceof TableUnusable) return undefined
      throw error
    }
  }
  return {
    async isHere(descriptor, diffId) {
      const key = keyOf(descriptor, diffId)
      const ids = idsOf(descriptor, key)
      const isKnown = () => known.has(ids.hashed) || known.has(ids.whole) || (ids.table !== undefined && known.has(ids.table))
      if (isKnown()) return true
      const layer = await remembered(key, undefined)
      if (layer === undefined) return false
      if (!isKnown()) share(ids.whole, Promise.resolve(layer))
      return true
    },
    async read(descriptor, diffId, access) {
      const key = keyOf(descriptor, diffId)
      const ids = idsOf(descriptor, key)
      const { table } = ids
      const { range } = access
      if (table === undefined || range === undefined || known.has(ids.hashed) || known.has(ids.whole)) {
        return known.has(ids.hashed)
          ? once(ids.hashed, () => stream(key, access, 'all'))
          : once(ids.whole, async () => (await remembered(key, access.isThere)) ?? stream(key, access, 'programs'))
      }
      return once(
        table,
        async () =>
          (await remembered(key, access.isThere)) ??
          (await declared(table, announcedTable(descriptor)!, key, range)) ??
          once(ids.whole, () => stream(key, access, 'programs')),
      )
    },
    async readWhole(descriptor, diffId, access) {
      const key = keyOf(descriptor, diffId)
      const { hashed, table } = idsOf(descriptor, key)
      if (table !== undefined) tables.delete(table)
      return once(hashed, () => stream(key, access, 'all'))
    },
    async close() {
      await Promise.all(remembering)
      for (const id of [...tables.keys()]) await remember(id)
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

/** Under which names it is known what was read of a layer. */
interface Ids {
  /** All of it, and every file hashed. */
  readonly hashed: string
  readonly whole: string
  /** Its table of contents, where it has one: another descriptor of the same bytes may name another. */
  readonly table?: string
}

const idsOf = (descriptor: Descriptor, { digest, sizeBytes, handling }: Key): Ids => {
  const whole = `${digest} ${sizeBytes} ${handling}`
  const table = handling === 'sniff' ? announcedTable(descriptor) : undefined
  return { hashed: `${whole} hashed`, whole, ...(table === undefined ? {} : { table: `${whole} ${tableId(table)}` }) }
}
