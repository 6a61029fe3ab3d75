import { type Digest, isDigest, sha256 } from '../digest.ts'
import type { DeclaredChunk } from './declared-chunk.ts'
import { declaredContent } from './declared-content.ts'
import { tableName } from './estargz.ts'
import type { LayerEntry } from './layer-entry.ts'
import { layerLimits, textFiles } from './read-layer.ts'
import { type AnnouncedTable, TableUnusable } from './toc.ts'

/** One line of a table; both formats share the names (stargz-snapshotter `TOCEntry`, containers/storage `FileMetadata`). */
interface Line {
  readonly type: string
  readonly name: string
  readonly linkName: string
  readonly mode: number
  readonly size: number
  readonly uid: number
  readonly gid: number
  readonly devMajor: number
  readonly devMinor: number
  readonly digest: string
  readonly offset: number
  readonly endOffset: number
  readonly innerOffset: number
  readonly chunkSize: number
  readonly chunkOffset: number
  readonly chunkDigest: string
  readonly chunkType: string
}

const tarTypes: Readonly<Record<string, string>> = { reg: '0', hardlink: '1', symlink: '2', char: '3', block: '4', dir: '5', fifo: '6' }
/** Far more than writers make them: 4 MiB, or some 64 KiB. */
const maxChunkBytes = 32 << 20
const emptyDigest = sha256('')

/**
 * The layer's entries as its table says, in its order; their content is read when it is asked for.
 *
 * @param text JSON, with the digest that was announced
 * @param end where in the layer the last file's bytes end at the latest
 * @throws TableUnusable where it is of another form, or leaves anything open
 */
export const entriesOf = (text: Buffer, kind: AnnouncedTable['kind'], end: number): readonly LayerEntry[] => {
  const lines = linesOf(text)
  const ends = kind === 'eStargz' ? memberEnds(lines, end) : undefined
  const entries: LayerEntry[] = []
  for (let index = 0; index < lines.length; ) {
    const line = lines[index]!
    let after = index + 1
    while (line.type === 'reg' && lines[after]?.type === 'chunk') after++
    entries.push(entryOf(line, line.type === 'reg' ? chunksOf(lines.slice(index, after), kind, ends, end) : []))
    index = after
  }
  // The table is a file of the layer too, and no line of its own, unless it stands behind the archive's end. Without chunks:
  // whoever asks for it gets the layer read
  return kind === 'eStargz'
    ? [...entries, entryOf({ ...noLine, type: 'reg', name: tableName, size: text.length, digest: sha256(text) }, [])]
    : entries
}

const noLine: Line = {
  type: '',
  name: '',
  linkName: '',
  mode: 0,
  size: 0,
  uid: 0,
  gid: 0,
  devMajor: 0,
  devMinor: 0,
  digest: '',
  offset: 0,
  endOffset: 0,
  innerOffset: 0,
  chunkSize: 0,
  chunkOffset: 0,
  chunkDigest: '',
  chunkType: '',
}

const linesOf = (text: Buffer): readonly Line[] => {
  const table = parsed(text)
  if (!isObject(table) || table.version !== 1 || !Array.isArray(table.entries)) throw new TableUnusable('it is no table of version 1')
  if (table.entries.length > layerLimits.entries) throw new TableUnusable('it has too many lines')
  return table.entries.map((given: unknown) => {
    if (!isObject(given)) throw new TableUnusable('a line is no object')
    const line = Object.fromEntries(
      Object.entries(noLine).map(([key, none]) => {
        const value = given[key] ?? none
        const fits = typeof none === 'string' ? typeof value === 'string' : Number.isSafeInteger(value) && Number(value) >= 0
        if (!fits) throw new TableUnusable(`a line has no right ${key}`)
        return [key, value]
      }),
    )
    return line as unknown as Line
  })
}

/** Of a table of as many lines as there may be, with some fields more than real ones have. */
const maxObjects = 3 * layerLimits.entries
const maxFields = 25 * layerLimits.entries

const parsed = (text: Buffer): unknown => {
  if (!isModest(text)) throw new TableUnusable('it has too many lines')
  try {
    return JSON.parse(text.toString())
  } catch (cause) {
    throw new TableUnusable('it is no JSON', { cause })
  }
}

/** What is read may take fifty times the memory of its text, so it is counted before. */
const isModest = (text: Buffer): boolean => {
  let objects = 0
  let fields = 0
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]
    if (byte === 0x2c) fields++
    else if (byte === 0x7b || byte === 0x5b) objects++
  }
  return objects <= maxObjects && fields <= maxFields
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Names are bytes in an archive; a text that was none could not be written as JSON. */
const latin1 = (text: string): string => {
  if (text.includes('\ufffd')) throw new TableUnusable('a name is not UTF-8')
  return Buffer.from(text).toString('latin1')
}

const entryOf = (line: Line, chunks: readonly DeclaredChunk[]): LayerEntry => {
  const type = Object.hasOwn(tarTypes, line.type) ? tarTypes[line.type]! : undefined
  if (type === undefined) throw new TableUnusable('a line is of an unknown type')
  const { uid, gid, mode, devMajor, devMinor, size } = line
  const name = latin1(line.name)
  const entry = {
    name,
    linkName: latin1(line.linkName),
    type,
    mode: mode & 0o7777,
    uid,
    gid,
    deviceFits: devMajor <= 0xffffffff && devMinor <= 0xffffffff,
  }
  if (type !== '0') return entry
  const digest = size === 0 ? emptyDigest : line.digest
  if (!isDigest(digest)) throw new TableUnusable('a file has no digest')
  return { ...entry, content: declaredContent({ sizeBytes: size, sha256: digest, chunks, keepText: textFiles.test(name) }) }
}

/** Each member of an eStargz layer ends where the next begins. */
const memberEnds = (lines: readonly Line[], end: number): ReadonlyMap<number, number> => {
  const starts = [...new Set(lines.flatMap(({ offset }) => (offset > 0 ? [offset] : [])))].sort((a, b) => a - b)
  return new Map(starts.map((start, index) => [start, starts[index + 1] ?? end]))
}

/** The pieces of one file, which together are all of it. */
const chunksOf = (
  lines: readonly Line[],
  kind: AnnouncedTable['kind'],
  ends: ReadonlyMap<number, number> | undefined,
  end: number,
): readonly DeclaredChunk[] => {
  const [first] = lines
  const { size, endOffset, digest } = first!
  if (size === 0) return []
  let fileOffset = 0
  const chunks = lines.map((line, index): DeclaredChunk => {
    const last = index === lines.length - 1
    // A size of zero stands for the rest of the file
    const sizeBytes = line.chunkSize > 0 ? line.chunkSize : size - line.chunkOffset
    const chunkEnd = ends?.get(line.offset) ?? (last ? endOffset : lines[index + 1]!.offset)
    if (line.chunkOffset !== fileOffset || sizeBytes <= 0) throw new TableUnusable('the chunks of a file do not follow each other')
    if (Math.max(chunkEnd - line.offset, sizeBytes, line.innerOffset) > maxChunkBytes) throw new TableUnusable('a chunk is too large')
    if (line.offset >= chunkEnd || chunkEnd > end) throw new TableUnusable('a chunk lies outside of the layer')
    fileOffset += sizeBytes
    return {
      fileOffset: line.chunkOffset,
      sizeBytes,
      start: line.offset,
      end: chunkEnd,
      skipBytes: line.innerOffset,
      digest: digestOfChunk(line, lines.length === 1 ? digest : ''),
      compression: kind === 'eStargz' ? 'gzip' : 'zstd',
    }
  })
  if (fileOffset !== size) throw new TableUnusable('the chunks of a file are not all of it')
  return chunks
}

const digestOfChunk = ({ chunkDigest }: Line, digest: Digest): Digest => {
  const found = chunkDigest === '' ? digest : chunkDigest
  if (!isDigest(found)) throw new TableUnusable('a chunk has no digest')
  return found
}
