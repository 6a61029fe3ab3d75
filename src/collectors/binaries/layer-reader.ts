import { PreflightError } from '../../errors.ts'
import { handlingOf } from '../../oci/decompress.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { type LayerContent, readLayer } from '../../oci/read-layer.ts'

/** Layers that are read at the same time in a whole run: more would only wait for the processor. */
const maxStreams = 4

export interface LayerReader {
  /**
   * The layer's content; one that was read before is not read again.
   *
   * @param open gives the compressed bytes, which verify themselves at their end
   * @throws PreflightError LAYER_CORRUPT, LAYER_TOO_LARGE, LAYER_UNSUPPORTED with words that follow the layer's name; what `open` throws
   */
  read(descriptor: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<LayerContent>
}

/** Reads each layer of a run once: a digest says all of it. */
export const createLayerReader = (signal: AbortSignal): LayerReader => {
  const known = new Map<string, Promise<LayerContent>>()
  const slot = createSlots(maxStreams)
  const readNow = (id: string, descriptor: Descriptor, open: () => AsyncIterable<Uint8Array>): Promise<LayerContent> => {
    const content = slot(() => {
      signal.throwIfAborted()
      return readLayer(open(), handlingOf(descriptor.mediaType), { signal })
    })
    known.set(id, content)
    return content
  }
  return {
    async read(descriptor, open) {
      const id = `${descriptor.digest} ${descriptor.sizeBytes} ${handlingOf(descriptor.mediaType)}`
      const before = known.get(id)
      if (before === undefined) return readNow(id, descriptor, open)
      try {
        return await before
      } catch (error) {
        // What is wrong with the bytes is so for everybody; a refusal of one repository says nothing of another
        if (error instanceof PreflightError && error.code.startsWith('LAYER_')) throw error
        return readNow(id, descriptor, open)
      }
    },
  }
}

/** Lets so many tasks run at a time, in their order. */
export const createSlots = (count: number): (<T>(task: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let free = count
  return async task => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
