import { readFileSync } from 'node:fs'
import { startRegistry } from '../support/registry.ts'
import { blobFile, type Listed } from './store.ts'

/** The tests' own registry, filled from a folder, for machines without a real one. */
const registry = await startRegistry({ referrers: false })
process.on('message', (message: { readonly folder?: string; readonly images?: readonly Listed[] }) => {
  const { folder = '', images = [] } = message
  const bytes = new Map<string, Uint8Array>()
  const read = (digest: string): Uint8Array => {
    const known = bytes.get(digest) ?? readFileSync(blobFile(folder, digest))
    bytes.set(digest, known)
    return known
  }
  for (const { repository, tag, mediaType, digest, blobs } of images) {
    for (const blob of blobs) registry.putBlob(repository, read(blob))
    registry.putManifest(repository, tag, mediaType, read(digest))
  }
  process.send?.({ host: registry.host })
})
process.on('disconnect', () => process.exit())
