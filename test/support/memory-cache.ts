import { blobName, contentOf, recordName, recordOf } from '../../src/oci/layer-record.ts'
import type { LayerCache } from '../../src/world/world.ts'

/** Remembers as the cache on disk does. */
export const memoryCache = (): LayerCache => {
  const records = new Map<string, Buffer>()
  const blobs = new Set<string>()
  return {
    async get(key) {
      const content = contentOf(key, records.get(recordName(key)) ?? Buffer.alloc(0))
      return content && { content, sameBlob: blobs.has(blobName(key)) }
    },
    async put(key, content) {
      const record = recordOf(key, content)
      if (record === undefined) return
      records.set(recordName(key), record)
      blobs.add(blobName(key))
    },
    close: async () => undefined,
  }
}
