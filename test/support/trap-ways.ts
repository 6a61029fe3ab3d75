import { eStargzLayer, zstdChunkedLayer } from './tables-of-contents.ts'
import { type Answer, type LayerWriter, plainLayer, type Way } from './trap-paths.ts'
import type { Trap } from './traps/trap.ts'

/** Pieces so small that every program is several. */
const chunkBytes = 1500
const withTable =
  (write: typeof eStargzLayer): LayerWriter =>
  (layer, lie) =>
    Buffer.isBuffer(layer) ? plainLayer(layer, lie) : write(layer, { chunkBytes, ...(lie && { lines: lie }) })

/** Who writes the layers, and how they are read. */
export const ways: Readonly<Record<string, readonly [LayerWriter, Way]>> = {
  'all layers, beforehand': [plainLayer, {}],
  'an early stop': [plainLayer, { early: true }],
  'an eStargz table': [withTable(eStargzLayer), { tables: true }],
  'an eStargz table and an early stop': [withTable(eStargzLayer), { tables: true, early: true }],
  'a zstd:chunked table': [withTable(zstdChunkedLayer), { tables: true }],
  'a zstd:chunked table and an early stop': [withTable(zstdChunkedLayer), { tables: true, early: true }],
}

/** What does not depend on the way. */
export const comparable = ({ told, findings }: Answer) => {
  if ('refused' in told) return told
  const { layers: _, proven: __, doubts: ___, digest: ____, ...rest } = told.said
  return { ...rest, findings: findings.filter(finding => !/BINARIES_DECLARED|LAYER_AMBIGUOUS/.test(finding)) }
}

/** Whether it may say something else than all layers do, because it says itself that it does not rest on them. */
export const maySayElse = ({ told }: Answer, truth: Answer, { lie }: Trap): boolean => {
  // A lie about one layer may leave it to one above that is damaged too
  if ('refused' in told) return lie !== undefined && 'refused' in truth.told && told.layer > truth.told.layer
  const { proven, layers } = told.said
  if ('refused' in truth.told && proven !== 'allLayers')
    return layers.slice(0, truth.told.layer).some(({ unread, declared }) => unread || declared)
  return lie !== undefined && proven === 'declared'
}
