import { gzipSync, zstdCompressSync } from 'node:zlib'
import { sha256 } from '../../src/digest.ts'
import { type BuiltImage, buildImage, type ImageOptions } from './image-builder.ts'
import { type TarFile, tarEntry, zeroBlocks } from './tar-writer.ts'

/** A plugin image of such layers, bottom first. */
export const tableImage = (layers: readonly TableLayer[], options: Omit<ImageOptions, 'layers'>): BuiltImage => {
  const image = buildImage({
    ...options,
    layers: [],
    config: { rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }, ...options.config },
    manifest: {
      layers: layers.map(({ bytes, mediaType, annotations }) => ({ mediaType, digest: sha256(bytes), size: bytes.length, annotations })),
      ...options.manifest,
    },
  })
  return { ...image, blobs: new Map([...image.blobs, ...layers.map(({ bytes }) => [sha256(bytes), bytes] as const)]) }
}

/** A layer that says what it holds. */
export interface TableLayer {
  readonly bytes: Buffer
  readonly diffId: string
  readonly mediaType: string
  /** Of the descriptor. */
  readonly annotations: Readonly<Record<string, string>>
}

export interface TableOptions {
  /** Of a file; default 4 MiB. */
  readonly chunkBytes?: number
  /** Last change to the lines of the table. */
  readonly lines?: (lines: Record<string, unknown>[]) => unknown
  /** Instead of a table. */
  readonly text?: string
}

const types: Readonly<Record<string, string>> = { 0: 'reg', 1: 'hardlink', 2: 'symlink', 3: 'char', 4: 'block', 5: 'dir', 6: 'fifo' }
const typeOf = (file: TarFile): string => file.type ?? (file.link !== undefined ? '2' : file.name.endsWith('/') ? '5' : '0')

const lineOf = (file: TarFile, data: Buffer) => ({
  name: file.name,
  type: types[typeOf(file)] ?? 'reg',
  mode: file.mode ?? (typeOf(file) === '5' ? 0o755 : 0o644),
  ...(file.uid === undefined ? {} : { uid: file.uid }),
  ...(file.gid === undefined ? {} : { gid: file.gid }),
  ...(file.link === undefined ? {} : { linkName: file.link }),
  ...(data.length === 0 ? {} : { size: data.length, digest: sha256(data) }),
})

const pieces = (data: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(data.length / size) }, (_, index) => data.subarray(index * size, (index + 1) * size))

/** The parts of an archive, of which each piece of a file's data is compressed by itself. */
const written = (files: readonly TarFile[], compress: (bytes: Buffer) => Buffer, chunkBytes: number) => {
  const parts: Buffer[] = []
  const raw: Buffer[] = []
  const lines: Record<string, unknown>[] = []
  let offset = 0
  let between = Buffer.alloc(0)
  const put = (bytes: Buffer): number => {
    const at = offset
    const stored = compress(bytes)
    parts.push(stored)
    raw.push(bytes)
    offset += stored.length
    return at
  }
  const flush = () => {
    if (between.length > 0) put(between)
    between = Buffer.alloc(0)
  }
  for (const file of files) {
    const data = Buffer.from(file.data ?? '')
    const entry = tarEntry(file)
    const padding = (512 - (data.length % 512)) % 512
    between = Buffer.concat([between, entry.subarray(0, entry.length - data.length - padding)])
    const line: Record<string, unknown> = lineOf(file, data)
    lines.push(line)
    if (data.length > 0) flush()
    const chunks = pieces(data, chunkBytes)
    for (const [index, chunk] of chunks.entries()) {
      const its = { offset: put(chunk), ...(chunks.length === 1 ? {} : { chunkSize: chunk.length }), chunkDigest: sha256(chunk) }
      if (index === 0) Object.assign(line, its)
      else lines.push({ name: file.name, type: 'chunk', chunkOffset: index * chunkBytes, ...its })
    }
    if (data.length > 0) line.endOffset = offset
    between = Buffer.concat([between, Buffer.alloc(padding)])
  }
  return { parts, raw, lines, put, flush, end: () => offset, add: (bytes: Buffer) => (between = Buffer.concat([between, bytes])) }
}

const gzip = (bytes: Buffer): Buffer => {
  const made = gzipSync(bytes, { level: 1 })
  made[9] = 0xff
  return made
}

/** As stargz-snapshotter's `docs/estargz.md` says: members of gzip, then the table as a last file, and a footer that points at it. */
export const eStargzLayer = (
  files: readonly TarFile[],
  { chunkBytes = 4 << 20, lines: change = lines => lines, text }: TableOptions = {},
): TableLayer => {
  const made = written(files, gzip, chunkBytes)
  made.flush()
  const table = Buffer.from(text ?? JSON.stringify({ version: 1, entries: change(made.lines.map(({ endOffset: _, ...line }) => line)) }))
  const tableStart = made.put(Buffer.concat([tarEntry({ name: 'stargz.index.json', data: table, mode: 0 }), zeroBlocks(2)]))
  const extra = Buffer.concat([Buffer.from('SG\x16\0', 'latin1'), Buffer.from(`${tableStart.toString(16).padStart(16, '0')}STARGZ`)])
  const footer = Buffer.concat([
    Buffer.from('1f8b080400000000 00ff'.replaceAll(' ', ''), 'hex'),
    Buffer.from([extra.length, 0]),
    extra,
    Buffer.from('010000ffff', 'hex'),
    Buffer.alloc(8),
  ])
  return {
    bytes: Buffer.concat([...made.parts, footer]),
    diffId: sha256(Buffer.concat(made.raw)),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    annotations: { 'containerd.io/snapshot/stargz/toc.digest': sha256(table) },
  }
}

const skippable = (bytes: Buffer): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(0x184d2a50, 0)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}

/** As containers/storage `pkg/chunked` writes it: frames of zstd, then the table in one that is skipped. */
export const zstdChunkedLayer = (
  files: readonly TarFile[],
  { chunkBytes = 64 << 10, lines: change = lines => lines, text }: TableOptions = {},
  prefix = 'io.github.containers.zstd-chunked.',
): TableLayer => {
  const made = written(files, zstdCompressSync, chunkBytes)
  made.add(zeroBlocks(2))
  made.flush()
  const json = Buffer.from(text ?? JSON.stringify({ version: 1, entries: change(made.lines) }))
  const table = zstdCompressSync(json)
  const start = made.end() + 8
  return {
    bytes: Buffer.concat([...made.parts, skippable(table), skippable(Buffer.alloc(64))]),
    diffId: sha256(Buffer.concat(made.raw)),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    annotations: {
      [`${prefix}manifest-checksum`]: sha256(table),
      [`${prefix}manifest-position`]: `${start}:${table.length}:${json.length}:1`,
    },
  }
}
