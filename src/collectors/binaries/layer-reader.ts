import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { handlingOf } from '../../oci/decompress.ts'
import type { LayerKey } from '../../oci/layer-record.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { type LayerContent, readLayer } from '../../oci/read-layer.ts'
import type { LayerCache } from '../../world/world.ts'
import { createSlots } from '../collector.ts'

/** Layers that are read at the same time in a whole run: more would only wait for the processor. */
const maxStreams = 4
/** Of layers that are kept for further images of the run, in entries: some hundred bytes each. */
const maxKeptEntries = 400_000

export interface KnownLayer {
  readonly content: LayerContent
  /** An earlier run read it. */
  readonly cached: boolean
}

export interface LayerReader {
  /**
   * The layer's content; one that was read before is not read again.
   *
   * @param diffId that the image's config names; what comes may have another
   * @param open gives the compressed bytes, which verify themselves at their end
   * @throws PreflightError LAYER_CORRUPT, LAYER_TOO_LARGE, LAYER_UNSUPPORTED with words that follow the layer's name; what `open` throws
   */
  read(descriptor: Descriptor, diffId: Digest, open: () => AsyncIterable<Uint8Array>): Promise<KnownLayer>
  /** True when reading it fetches nothing: it was read, is being read, or an earlier run read it. */
  isHere(descriptor: Descriptor, diffId: Digest): Promise<boolean>
}

/** Reads each layer of a run once, and those that an earlier run read not at all: a digest says all of it. */
export const createLayerReader = (signal: AbortSignal, cache?: LayerCache): LayerReader => {
  const known = new Map<string, Promise<KnownLayer>>()
  const slot = createSlots(maxStreams)
  let keptEntries = 0
  /** What does not fit any more is read again if another image needs it. */
  const keep = (id: string, { content }: KnownLayer) => {
    if (keptEntries + content.entries.length > maxKeptEntries) known.delete(id)
    else keptEntries += content.entries.length
  }
  const readNow = (id: string, key: LayerKey, open: () => AsyncIterable<Uint8Array>): Promise<KnownLayer> => {
    const layer = slot(async () => {
      signal.throwIfAborted()
      const before = await cache?.get(key)
      if (before !== undefined) return { content: before, cached: true }
      const content = await readLayer(open(), key.handling, { signal })
      if (content.diffId === key.diffId) await cache?.put(key, content)
      return { content, cached: false }
    })
    known.set(id, layer)
    layer.then(
      read => keep(id, read),
      () => undefined,
    )
    return layer
  }
  return {
    async isHere(descriptor, diffId) {
      const key = keyOf(descriptor, diffId)
      const id = idOf(key)
      if (known.has(id)) return true
      const content = await cache?.get(key)
      if (content === undefined) return false
      if (!known.has(id)) {
        const layer = { content, cached: true }
        known.set(id, Promise.resolve(layer))
        keep(id, layer)
      }
      return true
    },
    async read(descriptor, diffId, open) {
      const key = keyOf(descriptor, diffId)
      const id = idOf(key)
      const before = known.get(id)
      if (before === undefined) return readNow(id, key, open)
      try {
        return await before
      } catch (error) {
        // What is wrong with the bytes is so for everybody; a refusal of one repository says nothing of another
        if (error instanceof PreflightError && error.code.startsWith('LAYER_')) throw error
        return readNow(id, key, open)
      }
    },
  }
}

const keyOf = ({ digest, sizeBytes, mediaType }: Descriptor, diffId: Digest): LayerKey => ({
  digest,
  sizeBytes,
  diffId,
  handling: handlingOf(mediaType),
})

const idOf = ({ digest, sizeBytes, handling }: LayerKey): string => `${digest} ${sizeBytes} ${handling}`
