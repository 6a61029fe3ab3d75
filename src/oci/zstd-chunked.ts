import { zstdDecompressSync } from 'node:zlib'
import { TableUnusable } from './toc.ts'

/** The JSON text of a zstd:chunked layer's table (containers/storage 1.59 `pkg/chunked`). @throws TableUnusable */
export const unpackTable = (stored: Uint8Array, rawBytes: number): Buffer => {
  try {
    const text = zstdDecompressSync(stored, { maxOutputLength: Math.max(1, rawBytes) })
    if (text.length === rawBytes) return text
  } catch (cause) {
    throw new TableUnusable('its table of contents cannot be unpacked', { cause })
  }
  throw new TableUnusable('its table of contents has another length than the manifest says')
}
