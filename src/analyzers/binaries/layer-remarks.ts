import { printable } from '../../redact.ts'
import { type Remark, remark, type Seen } from './remark.ts'

/** What overlayfs, with which nodes usually unpack, makes of it. */
const meanings: Readonly<Record<string, string>> = {
  hardLinkBelow: 'is a hard link to a file of a lower layer, which cannot be made there',
  whiteoutOfOwn: 'is deleted by the same layer that brings it, which cannot be done there',
  whiteoutReplaced: 'is a folder that its layer deletes and brings again, and keeps its old files there',
  parentLinkBelow: 'goes through a symbolic link of a lower layer, and lands beside it there',
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
