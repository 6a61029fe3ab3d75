import { printable } from '../../redact.ts'
import { type Remark, remark, type Seen } from './remark.ts'

/** What overlayfs, with which nodes usually unpack, makes of it. */
const meanings: Readonly<Record<string, string>> = {
  hardLinkBelow: 'is a hard link to a file of a lower layer, which cannot be made there',
  whiteoutOfOwn: 'is deleted by the same layer that brings it, which cannot be done there',
  whiteoutReplaced: 'is a folder that its layer deletes and brings again, and keeps its old files there',
  parentLinkBelow: 'goes through a symbolic link of a lower layer, and lands beside it there',
}

/** What was taken from tables of contents, which may say anything. */
export const declaredRemarks = ({ layers }: Seen): readonly Remark[] => {
  const declared = layers.flatMap(layer => (layer.declared === undefined ? [] : [{ ...layer, ...layer.declared }]))
  if (declared.length === 0) return []
  const kinds = [...new Set(declared.map(({ by }) => by))].join(' and ')
  const mib = (declared.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 2 ** 20).toFixed(1)
  const [of, its] = declared.length === 1 ? ['a layer', 'its table'] : [`${declared.length} layers`, 'their tables']
  return [
    remark(
      'BINARIES_DECLARED',
      `what is said of ${of} rests on ${its} of contents (${kinds}), as whoever made the image wrote it. A node does not look at that: it unpacks all ${mib} MiB, which were not read here. Run with --prove to have them read.`,
      declared.map(
        ({ digest, by, table, fetchedBytes, sizeBytes }) =>
          `layer ${digest}: ${by} table ${table}, fetched ${(fetchedBytes / 1024).toFixed(0)} KiB of ${(sizeBytes / 1024).toFixed(0)} KiB`,
      ),
    ),
  ]
}

/** Layers that mean one thing one upon the other, and another thing each by itself. */
export const layerRemarks = ({ doubts }: Seen): readonly Remark[] => {
  if (doubts.length === 0) return []
  const lines = [
    ...new Set(doubts.map(({ kind, path }) => `${printable(path, 300)} ${meanings[kind] ?? 'is unpacked in another way there'}`)),
  ]
  return [
    remark(
      'LAYER_AMBIGUOUS',
      `its layers unpack in another way, or not at all, on nodes with overlayfs, where each is unpacked by itself: ${lines[0]}. Build the image again with a current tool; such layers are made by hand.`,
      lines.slice(0, 20),
    ),
  ]
}
