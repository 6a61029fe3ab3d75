import { blockBytes } from './tar-header.ts'
import { corrupt, decimal } from './tar-numbers.ts'
import type { PaxRecords } from './tar-pax.ts'

/** Where data stands in a sparse file; between are holes that read as zeros. */
export interface Fragment {
  readonly offset: bigint
  readonly length: bigint
}

/** GNU sparse formats in pax headers: 0.0 and 0.1 keep the map in the header, 1.0 before the data. */
export const sparseFormat = (records: PaxRecords): 'header' | 'data' | undefined => {
  const major = records.get('GNU.sparse.major') ?? ''
  const minor = records.get('GNU.sparse.minor') ?? ''
  if (major === '0' && (minor === '0' || minor === '1')) return 'header'
  if (major === '1' && minor === '0') return 'data'
  if (major !== '' || minor !== '') return undefined
  return (records.get('GNU.sparse.map') ?? '') === '' ? undefined : 'header'
}

/** Name and size of the file as it is unpacked, where the sparse records give them. */
export const sparseTarget = (records: PaxRecords): { readonly name?: string; readonly sizeBytes?: bigint } => {
  const name = records.get('GNU.sparse.name')
  const size = records.get('GNU.sparse.size') || records.get('GNU.sparse.realsize')
  return { ...(name ? { name } : {}), ...(size ? { sizeBytes: decimal(size) } : {}) }
}

export const mapOfHeader = (records: PaxRecords): readonly Fragment[] => {
  const numbers = (records.get('GNU.sparse.map') ?? '').split(',')
  const flat = numbers.length === 1 && numbers[0] === '' ? [] : numbers
  if (BigInt(flat.length) !== 2n * decimal(records.get('GNU.sparse.numblocks') ?? '')) throw corrupt('a sparse map has a wrong length')
  return pairs(flat)
}

/**
 * The map of sparse 1.0, which stands in whole blocks before the data: the number of fragments, then two lines for each.
 * `take` gives how many bytes of `part` belong to the map, and the map once it is complete.
 */
export const createMapReader = (): { take(part: Buffer): { readonly used: number; readonly fragments?: readonly Fragment[] } } => {
  let text = ''
  let lines = 0
  let wanted = 1
  const onBlock = (): readonly Fragment[] | undefined => {
    for (let at = text.indexOf('\n', text.length - blockBytes); at >= 0; at = text.indexOf('\n', at + 1)) lines++
    if (lines < 1) return undefined
    if (wanted === 1) wanted = 1 + 2 * countOf(text.slice(0, text.indexOf('\n')))
    return lines < wanted ? undefined : pairs(text.split('\n').slice(1, wanted))
  }
  return {
    take(part) {
      let used = 0
      while (used < part.length) {
        if (text.length >= 1 << 20) throw corrupt('a sparse map is longer than 1 MiB')
        const rest = blockBytes - (text.length % blockBytes)
        const piece = part.toString('latin1', used, Math.min(part.length, used + rest))
        text += piece
        used += piece.length
        const fragments = text.length % blockBytes === 0 ? onBlock() : undefined
        if (fragments !== undefined) return { used, fragments }
      }
      return { used }
    },
  }
}

const countOf = (line: string): number => {
  const count = decimal(line)
  if (count < 0n || count > 1n << 20n) throw corrupt('a sparse map has a wrong length')
  return Number(count)
}

const pairs = (numbers: readonly string[]): readonly Fragment[] =>
  Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: decimal(numbers[2 * index]!),
    length: decimal(numbers[2 * index + 1]!),
  }))
