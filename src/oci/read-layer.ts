import { createHash } from 'node:crypto'
import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { decompress, type LayerHandling } from './decompress.ts'
import { createFileProbe, type Hashed } from './file-probe.ts'
import type { LayerEntry } from './layer-entry.ts'
import { createTarReader, type TarEntry } from './tar-reader.ts'
import type { DataSink } from './tar-sink.ts'

/** What one layer may cost. Real plugin images stay far below each. */
export interface LayerLimits {
  /** Uncompressed, holes of sparse files included. */
  readonly rawBytes: number
  /** Uncompressed to compressed so far, once more than `freeBytes` have come out. */
  readonly ratio: number
  readonly freeBytes: number
  readonly entries: number
  /** Names, link targets, build information and texts together: what is kept in memory. */
  readonly keptBytes: number
}

export const layerLimits: LayerLimits = {
  rawBytes: 8 * 2 ** 30,
  ratio: 200,
  freeBytes: 128 * 2 ** 20,
  entries: 200_000,
  keptBytes: 64 * 2 ** 20,
}

export interface LayerContent {
  /** sha256 of all uncompressed bytes, of those behind the archive's end too. */
  readonly diffId: Digest
  readonly rawBytes: number
  readonly entries: readonly LayerEntry[]
}

export interface ReadLayerOptions {
  readonly limits?: LayerLimits
  readonly signal?: AbortSignal
  /** `programs` leaves out what is neither one nor may be run nor lies with plugins: that is most of a base image. Default: all. */
  readonly hashed?: Hashed
}

/** Files whose text somebody needs: containerd looks users up in it. */
export const textFiles = /(?:^|\/)(?:passwd|group)$/
/** Whether it is worth knowing at once whether two such files are the same. */
const isLikelyCopied = ({ name, mode }: TarEntry): boolean => (mode & 0o111) !== 0 || /(?:^|\/)plugins\//.test(name)

/**
 * Reads a layer to its last byte: what it holds, and its diff_id.
 *
 * @param source compressed bytes, which verifies its own digest at the end
 * @throws PreflightError LAYER_CORRUPT, LAYER_TOO_LARGE, LAYER_UNSUPPORTED with the words of what is wrong, to be put
 *   behind the layer's name; whatever `source` throws, which goes before: a wrong digest explains a damaged archive
 */
export const readLayer = async (
  source: AsyncIterable<Uint8Array>,
  handling: LayerHandling,
  { limits = layerLimits, signal, hashed = 'all' }: ReadLayerOptions = {},
): Promise<LayerContent> => {
  const iterator = source[Symbol.asyncIterator]()
  const state = { compressedBytes: 0 }
  const input: AsyncIterator<Uint8Array> = {
    async next() {
      const next = await iterator.next()
      if (next.done !== true) state.compressedBytes += next.value.length
      return next
    },
  }
  try {
    return await readAll(decompress(input, handling), state, { limits, signal, hashed })
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'LAYER_CORRUPT') await drain(iterator)
    iterator.return?.().catch(() => undefined)
    throw error
  }
}

/** Throws what the source has to say at its end. */
const drain = async (iterator: AsyncIterator<Uint8Array>): Promise<void> => {
  while ((await iterator.next()).done !== true);
}

const readAll = async (
  chunks: AsyncIterable<Buffer>,
  state: { readonly compressedBytes: number },
  { limits, signal, hashed }: { readonly limits: LayerLimits; readonly signal: AbortSignal | undefined; readonly hashed: Hashed },
): Promise<LayerContent> => {
  const hash = createHash('sha256')
  const meter = createMeter(limits, state)
  const { entries, reader } = createEntryReader(meter, hashed)
  let rawBytes = 0
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    rawBytes += chunk.length
    meter.raw(chunk.length)
    hash.update(chunk)
    reader.write(chunk)
  }
  reader.end()
  return { diffId: `sha256:${hash.digest('hex')}`, rawBytes, entries }
}

/** Counts what a layer costs. @throws PreflightError LAYER_TOO_LARGE */
const createMeter = (limits: LayerLimits, state: { readonly compressedBytes: number }) => {
  let rawBytes = 0
  let entries = 0
  let keptBytes = 0
  const tooLarge = (what: string) =>
    new PreflightError('LAYER_TOO_LARGE', `${what}; no real plugin image does`, {
      hint: 'Build the image anew, without what fills this layer.',
    })
  const raw = (bytes: number) => {
    rawBytes += bytes
    if (rawBytes > limits.rawBytes) throw tooLarge(`it unpacks to more than ${limits.rawBytes / 2 ** 20} MiB`)
    if (rawBytes > limits.freeBytes && rawBytes > limits.ratio * state.compressedBytes) {
      throw tooLarge(`it unpacks to more than ${limits.ratio} times its size`)
    }
  }
  return {
    raw,
    /** Zeros that stand nowhere in the archive. */
    hole(bytes: number) {
      if (bytes > limits.freeBytes) throw tooLarge('it holds a sparse file with large holes')
      raw(bytes)
    },
    entry(bytes: number) {
      if (++entries > limits.entries) throw tooLarge(`it holds more than ${limits.entries} files`)
      keptBytes += bytes
      if (keptBytes > limits.keptBytes) throw tooLarge('it holds more names than fit into memory')
    },
    keep(bytes: number) {
      keptBytes += bytes
      if (keptBytes > limits.keptBytes) throw tooLarge('it holds more build information than fits into memory')
    },
  }
}

const createEntryReader = (meter: ReturnType<typeof createMeter>, hashed: Hashed) => {
  const entries: LayerEntry[] = []
  const visit = (entry: TarEntry): DataSink | undefined => {
    const { name, linkName, type, mode, uid, gid, deviceFits, dataFault } = entry
    meter.entry(name.length + linkName.length)
    const kept: LayerEntry = { name, linkName, type, mode, uid, gid, deviceFits, ...(dataFault === undefined ? {} : { dataFault }) }
    if (type !== '0' || dataFault !== undefined) {
      entries.push(kept)
      return undefined
    }
    const options = { keepText: textFiles.test(name), hashed: isLikelyCopied(entry) ? 'all' : hashed } as const
    const probe = createFileProbe(entry.sizeBytes, options, content => {
      meter.keep((content.elf?.go?.modules.length ?? 0) + (content.text?.length ?? 0))
      entries.push({ ...kept, content })
    })
    return {
      ...probe,
      zeros(bytes) {
        meter.hole(bytes)
        probe.zeros(bytes)
      },
    }
  }
  return { entries, reader: createTarReader(visit) }
}
