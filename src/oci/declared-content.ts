import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type Digest, digestOf } from '../digest.ts'
import { type Elf, elfHeadBytes, parseElf } from './elf.ts'
import type { ElfTraces } from './elf-scan.ts'
import { ContentNeeded, type ContentPart, type FileContent, type FileKind, interpreterLine, kindBytes, kindOf } from './file-content.ts'
import { createFileProbe, maxTextBytes } from './file-probe.ts'
import { findBuildInfo } from './go-build-info.ts'
import { parseModules } from './go-modules.ts'
import { TableUnusable } from './toc.ts'

/** A piece of a file that can be fetched and verified by itself. */
export interface DeclaredChunk {
  /** Where in the file it begins. */
  readonly fileOffset: number
  readonly sizeBytes: number
  /** Where in the layer it is stored; the end is exclusive, and may take in what follows the chunk. */
  readonly start: number
  readonly end: number
  /** What comes before it once its bytes are unpacked. */
  readonly skipBytes: number
  /** Of its uncompressed bytes. */
  readonly digest: Digest
  readonly compression: 'gzip' | 'zstd'
}

/** All that is known of a file whose layer was not read. JSON. */
export interface DeclaredState {
  readonly sizeBytes: number
  readonly sha256: Digest
  readonly chunks: readonly DeclaredChunk[]
  readonly keepText: boolean
  head?: { readonly kind: FileKind; readonly interpreterLine?: string; readonly elf?: Elf; readonly packed: boolean }
  traces?: ElfTraces
  text?: string
}

/** A file of a table of contents: size and digest as that says, everything else from chunks that were fetched when it was asked for. */
export interface DeclaredContent extends FileContent {
  readonly partial: true
  /** The chunks that are to be fetched next, until `part` is known; empty: it is. */
  wanted(part: ContentPart): readonly DeclaredChunk[]
  /** @param stored the bytes of each of the chunks that {@link wanted} gave, as stored. @throws TableUnusable: they are other ones */
  take(part: ContentPart, stored: readonly Uint8Array[]): void
  /** For a cache; {@link declaredContent} makes the same of it again. */
  toJSON(): DeclaredState
}

export const isDeclared = (content: FileContent): content is DeclaredContent => 'wanted' in content

/** Of a file that is read whole, how much is asked for at once. */
const batchBytes = 4 << 20
/** How far behind the start of a program's data its build information is looked for, as Go 1.26 debug/buildinfo does. */
const dataBytes = 64 << 10
/** Where UPX marks what it packed. */
const startBytes = 4096
/** What may follow a chunk in its gzip member: the headers of links and directories. */
const slackBytes = 4 << 20

export const declaredContent = (state: DeclaredState): DeclaredContent => {
  const { sizeBytes, chunks, keepText } = state
  const need = (part: ContentPart): never => {
    throw new ContentNeeded(content, part)
  }
  const head = () => state.head ?? need('head')
  /** Chunks on the way to the traces. */
  const seen = new Map<DeclaredChunk, Buffer>()
  let whole: ReturnType<typeof createWhole> | undefined

  const covering = (from: number, to: number) =>
    chunks.filter(({ fileOffset, sizeBytes: size }) => fileOffset < to && fileOffset + size > from)
  const bytesFrom = (from: number, to: number): Buffer => {
    const parts = covering(from, to)
    const before = from - (parts[0]?.fileOffset ?? from)
    return Buffer.concat(parts.map(chunk => seen.get(chunk)!)).subarray(before, before + to - from)
  }
  const rest = () => {
    whole ??= createWhole(state)
    return whole.next()
  }
  const learnHead = (bytes: Buffer) => {
    const kind = kindOf(bytes.subarray(0, kindBytes))
    const learnt = {
      kind,
      ...(kind === 'script' ? { interpreterLine: interpreterLine(bytes) } : {}),
      ...(kind === 'elf' ? { elf: parseElf(bytes) } : {}),
      packed: bytes.subarray(0, startBytes).includes('UPX!'),
    }
    state.head = learnt
    return learnt
  }
  const wantedForTraces = (elf: Elf): readonly DeclaredChunk[] => {
    if (state.traces !== undefined) return []
    const place = dataOf(elf)
    if (place === undefined || whole !== undefined) return rest()
    const missing = covering(place, place + dataBytes).filter(chunk => !seen.has(chunk))
    if (missing.length > 0) return missing
    learnTraces(place)
    return state.traces === undefined ? rest() : []
  }
  /** Where the rest of what is asked can be seen; undefined where all of the file has to be looked through. */
  const dataOf = ({ fault, dynamic, dataOffset }: Elf) => (fault === undefined && !dynamic && !state.head?.packed ? dataOffset : undefined)
  const learnTraces = (place: number) => {
    const traces = tracesAt(place, bytesFrom(place, place + dataBytes))
    if (traces !== undefined) state.traces = traces
    seen.clear()
  }
  const wanted = (part: ContentPart): readonly DeclaredChunk[] => {
    if (sizeBytes === 0 && state.head === undefined) learnHead(Buffer.alloc(0))
    if (part === 'text') return state.text === undefined && keepText && sizeBytes <= maxTextBytes ? rest() : []
    if (state.head === undefined) return covering(0, elfHeadBytes)
    return part === 'traces' && state.head.elf !== undefined ? wantedForTraces(state.head.elf) : []
  }

  const content: DeclaredContent = {
    partial: true,
    sizeBytes,
    sha256: state.sha256,
    get kind() {
      return head().kind
    },
    get interpreterLine() {
      return head().interpreterLine
    },
    get elf() {
      const { elf } = head()
      if (elf === undefined || state.traces !== undefined) return elf && { ...elf, ...state.traces }
      return Object.defineProperties(
        { ...elf },
        Object.fromEntries(['glibc', 'go', 'goPlugin', 'packed'].map(name => [name, { get: () => need('traces') }])),
      ) as Elf & ElfTraces
    },
    get text() {
      return keepText && sizeBytes <= maxTextBytes ? (state.text ?? need('text')) : undefined
    },
    wanted,
    take(part, stored) {
      const taken = wanted(part)
      const bytes = taken.map((chunk, index) => unpacked(chunk, stored[index]))
      if (whole !== undefined) return whole.take(bytes)
      for (const [index, chunk] of taken.entries()) seen.set(chunk, bytes[index]!)
      if (state.head !== undefined) return
      const { elf } = learnHead(bytesFrom(0, Math.min(sizeBytes, elfHeadBytes)))
      const place = elf && dataOf(elf)
      // Soon asked for, and at hand
      if (place !== undefined && covering(place, place + dataBytes).every(chunk => seen.has(chunk))) learnTraces(place)
      else if (part !== 'traces') seen.clear()
    },
    toJSON: () => state,
  } as DeclaredContent
  return content
}

/**
 * From the start of a static program's data alone: its build information, where that says by itself that it is a plugin. Where it
 * does not, only the whole file can say that there is no trace of one.
 */
const tracesAt = (place: number, data: Buffer): ElfTraces | undefined => {
  const go = findBuildInfo(data, place)
  const isPlugin = go !== undefined && parseModules(go.modules).dependencies.some(({ path }) => path === goPluginPath)
  return isPlugin ? { go, goPlugin: true } : undefined
}

const goPluginPath = 'github.com/hashicorp/go-plugin'

/** Reads all of a file, and compares its digest. */
const createWhole = (state: DeclaredState) => {
  const { sizeBytes, chunks, keepText } = state
  let next = 0
  const batch = (): readonly DeclaredChunk[] => {
    const rest = chunks.slice(next)
    const first = rest[0]
    return rest.filter(({ end }, index) => index === 0 || end - first!.start <= batchBytes)
  }
  const probe = createFileProbe(sizeBytes, { keepText, hashed: 'all' }, ({ sha256, kind, interpreterLine: line, elf, text }) => {
    if (sha256 !== state.sha256) throw new TableUnusable('a file has another digest than its table of contents says')
    const { glibc, go, goPlugin, packed, ...headers } = elf ?? ({} as Elf & ElfTraces)
    state.head = {
      kind,
      ...(line === undefined ? {} : { interpreterLine: line }),
      ...(elf === undefined ? {} : { elf: headers }),
      packed: packed === true,
    }
    state.traces = { ...(glibc && { glibc }), ...(go && { go }), ...(goPlugin && { goPlugin }), ...(packed && { packed }) }
    state.text = text ?? ''
  })
  return {
    next: batch,
    take(bytes: readonly Buffer[]) {
      for (const part of bytes) probe.write(part)
      next += bytes.length
      if (next === chunks.length) probe.end()
    },
  }
}

/** @throws TableUnusable */
const unpacked = ({ compression, skipBytes, sizeBytes, digest }: DeclaredChunk, stored: Uint8Array | undefined): Buffer => {
  try {
    const limit = skipBytes + sizeBytes
    const raw =
      compression === 'gzip'
        ? gunzipSync(stored ?? '', { maxOutputLength: limit + slackBytes })
        : zstdDecompressSync(stored ?? '', { maxOutputLength: limit })
    const bytes = raw.subarray(skipBytes, limit)
    if (bytes.length === sizeBytes && digestOf(bytes, digest) === digest) return bytes
  } catch (cause) {
    throw new TableUnusable('a chunk cannot be unpacked', { cause })
  }
  throw new TableUnusable('a chunk has another digest than its table of contents says')
}
