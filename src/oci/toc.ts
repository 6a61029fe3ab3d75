import { type Digest, isDigest } from '../digest.ts'
import type { Descriptor } from './descriptor.ts'

/**
 * What a layer's descriptor says of a table of contents in it. `digest` binds it to the manifest: of the JSON text in an eStargz
 * layer, of the compressed text in a zstd:chunked one.
 */
export type AnnouncedTable =
  | { readonly kind: 'eStargz'; readonly digest: Digest }
  | {
      readonly kind: 'zstd:chunked'
      readonly digest: Digest
      /** Where in the layer it stands; the end is exclusive. */
      readonly start: number
      readonly end: number
      readonly rawBytes: number
    }

/** One line of text that tells it from all others: the same bytes may stand under two descriptors, with a table each. */
export const tableId = (table: AnnouncedTable): string => JSON.stringify(table)

/** A table that cannot be used: the layer itself is read instead, and decides. */
export class TableUnusable extends Error {}

/** stargz-snapshotter 0.18 `estargz/types.go` */
const eStargzDigest = 'containerd.io/snapshot/stargz/toc.digest'
/** containers/storage 1.59 `pkg/chunked/internal/minimal/compression.go`; the second as skopeo before 1.10 wrote it. */
const chunkedPrefixes = ['io.github.containers.zstd-chunked.', 'io.containers.zstd-chunked.'] as const
/** Of zstd:chunked: the only type there is, a table like that of CRFS. */
const crfsType = 1

/** Far more than real ones: some 150 bytes for each of 200,000 files. */
export const tableLimits = { storedBytes: 16 << 20, rawBytes: 64 << 20 } as const

/** Undefined where there is none, or more than one: then nobody can say which a client would believe. */
export const announcedTable = ({ annotations = {}, sizeBytes }: Descriptor): AnnouncedTable | undefined => {
  const stargz = annotations[eStargzDigest]
  const chunked = chunkedPrefixes.find(prefix => annotations[`${prefix}manifest-checksum`] !== undefined)
  if ((stargz === undefined) === (chunked === undefined)) return undefined
  if (stargz !== undefined) return isDigest(stargz) ? { kind: 'eStargz', digest: stargz } : undefined
  const digest = annotations[`${chunked}manifest-checksum`] ?? ''
  const [, ...numbers] = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):(\d{1,3})$/.exec(annotations[`${chunked}manifest-position`] ?? '') ?? []
  const [start, storedBytes, rawBytes, type] = numbers.map(Number)
  if (!isDigest(digest) || start === undefined || storedBytes === undefined || rawBytes === undefined || type !== crfsType) return undefined
  if (storedBytes > tableLimits.storedBytes || rawBytes > tableLimits.rawBytes || start + storedBytes > sizeBytes) return undefined
  return { kind: 'zstd:chunked', digest, start, end: start + storedBytes, rawBytes }
}
