import type { Digest } from '../../digest.ts'
import type { LayerFacts } from '../../facts/binaries.ts'
import type { ContentNeeded } from '../../oci/file-content.ts'
import type { LayerEntry } from '../../oci/layer-entry.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import type { LayerContent } from '../../oci/read-layer.ts'
import type { AnnouncedTable } from '../../oci/toc.ts'

/** A layer that was read to its end, or what its table of contents says of it. */
export type KnownLayer = {
  /** An earlier run found it out. */
  readonly cached: boolean
  /** It did so from another blob of the same diff_id. */
  readonly otherBlob?: true
} & ({ readonly content: LayerContent; readonly declared?: never } | { readonly content: DeclaredLayer; readonly declared: true })

export interface DeclaredLayer {
  readonly entries: readonly LayerEntry[]
  readonly table: AnnouncedTable
  /** What was fetched of the layer for the table. */
  readonly tableBytes: number
  /** What was fetched of the layer so far. */
  fetchedBytes(): number
  /** Fetches what was asked of a file. @throws TableUnusable */
  load(need: ContentNeeded): Promise<void>
}

/** Whether it is the layer that the image's config names, as far as anybody knows: of one that is only declared nobody does. */
export const isRight = ({ content, declared }: KnownLayer, diffId: Digest): boolean => declared === true || content.diffId === diffId

export const factsOf = ({ digest, sizeBytes }: Descriptor, { content, declared, cached, otherBlob }: KnownLayer): LayerFacts => ({
  digest,
  sizeBytes,
  ...(declared ? {} : { rawBytes: content.rawBytes }),
  entries: content.entries.length,
  ...(declared
    ? {
        declared: {
          by: content.table.kind,
          table: content.table.digest,
          tableBytes: content.tableBytes,
          fetchedBytes: content.fetchedBytes(),
        },
      }
    : {}),
  ...(cached ? { cached } : {}),
  ...(otherBlob ? { otherBlob } : {}),
})
