import type { Digest } from '../digest.ts'
import { type DeclaredChunk, unpackedAll } from './declared-chunk.ts'
import { type Elf, elfHeadBytes, parseElf } from './elf.ts'
import type { ElfTraces } from './elf-scan.ts'
import { ContentNeeded, type ContentPart, type FileContent, type FileKind, interpreterLine, kindBytes, kindOf } from './file-content.ts'
import { createFileProbe, maxTextBytes } from './file-probe.ts'
import { findBuildInfo } from './go-build-info.ts'
import { parseModules } from './go-modules.ts'
import { TableUnusable } from './toc.ts'

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
  /** The chunks that are to be fetched next, until `part` is known; empty: it is. @throws TableUnusable */
  wanted(part: ContentPart): readonly DeclaredChunk[]
  /**
   * @param stored the bytes of each of the chunks that {@link wanted} gave, as stored
   * @param spend told how much was unpacked, and throws when that was too much
   * @throws TableUnusable: they are other ones
   */
  take(part: ContentPart, stored: readonly Uint8Array[], spend: (rawBytes: number) => void): void
  /** For a cache; {@link declaredContent} makes the same of it again. */
  toJSON(): DeclaredState
}

export const isDeclared = (content: FileContent): content is DeclaredContent => 'wanted' in content

/** Of a file that is read whole, how much is asked for at once. */
const batchBytes = 4 << 20
const batchChunks = 4096
/** How far behind the start of a program's data its build information is looked for, as Go 1.26 debug/buildinfo does. */
const dataBytes = 64 << 10
/** Where UPX marks what it packed. */
const startBytes = 4096
export const declaredContent = (state: DeclaredState): DeclaredContent => new DeclaredFile(state) as DeclaredContent

/** A class, for there are as many of them as files in a base image, and few are ever asked. */
class DeclaredFile {
  readonly partial = true
  private readonly state: DeclaredState
  /** Chunks on the way to the traces. */
  private seen: Map<DeclaredChunk, Buffer> | undefined
  private whole: ReturnType<typeof createWhole> | undefined

  constructor(state: DeclaredState) {
    this.state = state
    // Nothing is there to be fetched, so nothing is to be waited for
    if (state.sizeBytes > 0) return
    state.head = headOf(Buffer.alloc(0))
    state.text = ''
  }
  get sizeBytes(): number {
    return this.state.sizeBytes
  }
  get sha256(): Digest {
    return this.state.sha256
  }
  get kind(): FileKind {
    return this.head().kind
  }
  get interpreterLine(): string | undefined {
    return this.head().interpreterLine
  }
  get elf(): (Elf & ElfTraces) | undefined {
    const { elf } = this.head()
    const { traces } = this.state
    if (elf === undefined || traces !== undefined) return elf && { ...elf, ...traces }
    const get = () => this.need('traces')
    return Object.defineProperties({ ...elf }, Object.fromEntries(['glibc', 'go', 'goPlugin', 'packed'].map(name => [name, { get }])))
  }
  get text(): string | undefined {
    return this.hasText() ? (this.state.text ?? this.need('text')) : undefined
  }
  wanted(part: ContentPart): readonly DeclaredChunk[] {
    const { head, text, chunks } = this.state
    if (chunks.length === 0 && this.sizeBytes > 0) throw new TableUnusable('where a file stands is not known')
    if (part === 'text') return text === undefined && this.hasText() ? this.rest() : []
    if (head === undefined) return this.covering(0, elfHeadBytes)
    return part === 'traces' && head.elf !== undefined ? this.wantedForTraces(head.elf) : []
  }
  take(part: ContentPart, stored: readonly Uint8Array[], spend: (rawBytes: number) => void): void {
    const taken = this.wanted(part)
    const bytes = unpackedAll(taken, stored, spend)
    if (this.whole === undefined) this.learn(part, taken, bytes)
    else this.whole.take(bytes)
  }
  toJSON(): DeclaredState {
    return this.state
  }

  private need(part: ContentPart): never {
    throw new ContentNeeded(this as DeclaredContent, part)
  }
  private head(): NonNullable<DeclaredState['head']> {
    return this.state.head ?? this.need('head')
  }
  private hasText(): boolean {
    return this.state.keepText && this.sizeBytes <= maxTextBytes
  }
  private rest(): readonly DeclaredChunk[] {
    this.whole ??= createWhole(this.state)
    return this.whole.next()
  }
  private covering(from: number, to: number): readonly DeclaredChunk[] {
    return this.state.chunks.filter(({ fileOffset, sizeBytes }) => fileOffset < to && fileOffset + sizeBytes > from)
  }
  private missing(place: number): readonly DeclaredChunk[] {
    return this.covering(place, place + dataBytes).filter(chunk => this.seen?.has(chunk) !== true)
  }
  private bytesFrom(from: number, to: number): Buffer {
    const parts = this.covering(from, to)
    const before = from - (parts[0]?.fileOffset ?? from)
    return Buffer.concat(parts.map(chunk => this.seen!.get(chunk)!)).subarray(before, before + to - from)
  }
  private learn(part: ContentPart, chunks: readonly DeclaredChunk[], bytes: readonly Buffer[]): void {
    this.seen ??= new Map()
    for (const [index, chunk] of chunks.entries()) this.seen.set(chunk, bytes[index]!)
    if (this.state.head !== undefined) return
    this.state.head = headOf(this.bytesFrom(0, Math.min(this.sizeBytes, elfHeadBytes)))
    const { elf } = this.state.head
    const place = elf && this.dataOf(elf)
    // Soon asked for, and at hand
    if (place !== undefined && this.missing(place).length === 0) this.learnTraces(place)
    else if (part !== 'traces') this.seen = undefined
  }
  private wantedForTraces(elf: Elf): readonly DeclaredChunk[] {
    if (this.state.traces !== undefined) return []
    const place = this.dataOf(elf)
    if (place === undefined || this.whole !== undefined) return this.rest()
    const missing = this.missing(place)
    if (missing.length > 0) return missing
    this.learnTraces(place)
    return this.state.traces === undefined ? this.rest() : []
  }
  /** Where the rest of what is asked can be seen; undefined where all of the file has to be looked through. */
  private dataOf({ fault, dynamic, dataOffset }: Elf): number | undefined {
    return fault === undefined && !dynamic && !this.state.head?.packed ? dataOffset : undefined
  }
  private learnTraces(place: number): void {
    const traces = tracesAt(place, this.bytesFrom(place, place + dataBytes))
    if (traces !== undefined) this.state.traces = traces
    this.seen = undefined
  }
}

const headOf = (bytes: Buffer): NonNullable<DeclaredState['head']> => {
  const kind = kindOf(bytes.subarray(0, kindBytes))
  return {
    kind,
    ...(kind === 'script' ? { interpreterLine: interpreterLine(bytes) } : {}),
    ...(kind === 'elf' ? { elf: parseElf(bytes) } : {}),
    packed: bytes.subarray(0, startBytes).includes('UPX!'),
  }
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
    const from = chunks[next]?.start ?? 0
    let after = next + 1
    for (; after < chunks.length && after - next < batchChunks; after++) {
      const { start, end } = chunks[after]!
      if (start < from || end - from > batchBytes) break
    }
    return chunks.slice(next, after)
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
