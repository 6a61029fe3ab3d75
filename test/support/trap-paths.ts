import { gzipSync } from 'node:zlib'
import { answerFromImage } from '../../src/collectors/binaries/answer-early.ts'
import { describeImage } from '../../src/collectors/binaries/describe-image.ts'
import { createLayerReader, type LayerAccess } from '../../src/collectors/binaries/layer-reader.ts'
import type { LayerSource } from '../../src/collectors/binaries/read-layers.ts'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { decompress } from '../../src/oci/decompress.ts'
import { parseImageConfig } from '../../src/oci/image-config.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import type { ResolvedImage } from '../../src/oci/platform-image.ts'
import type { LayerCache } from '../../src/world/world.ts'
import { judgeBinaries } from './check-binaries.ts'
import { type TableLayer, tableImage } from './tables-of-contents.ts'
import { tar } from './tar-writer.ts'
import { nameOf, type Trap } from './traps/trap.ts'
import { chunks } from './unpack.ts'

/** A way through the code. */
export interface Way {
  /** Every layer is read, as with --prove. */
  readonly prove?: true
  /** The smallest layer is worth not being read; else none is. */
  readonly early?: true
  /** Tables of contents are asked for. */
  readonly tables?: true
  readonly cache?: LayerCache
}

export type Said = ReturnType<typeof describeImage>
export type Told = { readonly said: Said } | { readonly refused: string; readonly layer: number }

export interface Answer {
  readonly told: Told
  /** What the check says of it, `warn BINARIES_DECLARED`. */
  readonly findings: readonly string[]
  /** Bytes that were fetched of layers. */
  readonly fetchedBytes: number
}

/** What is copied: the folder as it stands, or the one file that its author thinks of. */
export const commands = {
  folder: ['/bin/cp', '-r', '/plugins/.', '/target/'],
  file: ['/bin/cp', '/plugins/a', '/target/a'],
} as const

/** Writes a layer; undefined: it cannot write this one. */
export type LayerWriter = (layer: Trap['layers'][number], lie: Trap['lie']) => Promise<TableLayer> | TableLayer

/** A layer as it is, without a table of contents. */
export const plainLayer: LayerWriter = async layer => {
  const bytes = Buffer.isBuffer(layer) ? layer : gzipSync(tar(layer))
  return { bytes, diffId: await diffIdOf(bytes), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', annotations: {} }
}

const diffIdOf = async (bytes: Buffer): Promise<string> => {
  const parts: Buffer[] = []
  try {
    for await (const part of decompress(chunks(bytes), 'sniff')) parts.push(Buffer.from(part))
  } catch {
    // Nobody gets so far
  }
  return sha256(Buffer.concat(parts))
}

export interface WrittenTrap {
  readonly image: ResolvedImage
  readonly layers: readonly TableLayer[]
}

export const writeTrap = async (
  { layers, highestDiffId, lie }: Trap,
  write: LayerWriter,
  entrypoint: readonly string[],
  user?: string,
): Promise<WrittenTrap> => {
  const written: TableLayer[] = []
  for (const [index, layer] of layers.entries()) written.push(await write(layer, index === layers.length - 1 ? lie : undefined))
  const top = written.length - 1
  if (highestDiffId !== undefined) written[top] = { ...written[top]!, diffId: highestDiffId }
  const { manifest, blobs } = tableImage(written, { entrypoint, ...(user !== undefined && { user }) })
  const parsed = parseManifest(manifest.bytes, manifest.mediaType)
  if (parsed.kind !== 'manifest') throw new Error('an image')
  return {
    image: { digest: manifest.digest, manifest: parsed, config: parseImageConfig(blobs.get(parsed.config.digest)!) },
    layers: written,
  }
}

/** What the check makes of the image on this way. */
export const takeWay = async ({ image, layers }: WrittenTrap, { prove, early, tables, cache }: Way): Promise<Answer> => {
  const reader = createLayerReader(new AbortController().signal, cache)
  const blobs = new Map(layers.map(({ bytes }) => [sha256(bytes), bytes]))
  let fetchedBytes = 0
  const access = (digest: string): LayerAccess => ({
    async *open() {
      for await (const part of chunks(blobs.get(digest)!, 5000)) {
        fetchedBytes += part.length
        yield part
      }
    },
    range:
      tables &&
      (async ({ start, end }) => {
        fetchedBytes += end - start
        return blobs.get(digest)!.subarray(start, end)
      }),
  })
  const source: LayerSource = {
    read: (layer, diffId) => reader.read(layer, diffId, access(layer.digest)),
    readWhole: (layer, diffId) => reader.readWhole(layer, diffId, access(layer.digest)),
    isHere: reader.isHere,
    isThere: async () => true,
  }
  const told = await answerFromImage(image, source, unpacked => describeImage(image, unpacked), {
    prove: prove === true,
    largeBytes: early ? 0 : Number.POSITIVE_INFINITY,
  }).then(
    (said): Told => ({ said }),
    (error: unknown): Told => {
      if (!(error instanceof PreflightError)) throw error
      return { refused: error.code, layer: Number(/^Layer (\d+) of/.exec(error.message)?.[1]) }
    },
  )
  await reader.close()
  return { told, findings: findingsOf(told), fetchedBytes }
}

const findingsOf = (told: Told): readonly string[] => {
  const named = { plugin: 'x', image: 'registry.example.com/x:v1', platform: 'linux/amd64' }
  const fact =
    'said' in told
      ? ({ ...named, ok: true, ...told.said } as const)
      : ({ ...named, ok: false, code: told.refused as 'LAYER_CORRUPT', message: 'No.', hint: '' } as const)
  return judgeBinaries([fact], [named], [named.platform]).judgements.flatMap(({ findings }) =>
    findings.map(({ status, code }) => `${status} ${code}`),
  )
}

/** Whether what keeps a node from the image is in a layer that the answer says was not read. */
export const isBelow = ({ told }: Answer, truth: Answer): boolean =>
  'said' in told && 'refused' in truth.told && told.said.layers.slice(0, truth.told.layer).some(({ unread }) => unread)

/** What lands in Velero's folder, in the words of {@link Trap.plugins}. */
export const landed = ({ files }: Said): readonly string[] =>
  files
    .map(({ path, kind, mode, target, file }) => {
      if (kind === 'directory') return `${path}/`
      if (kind === 'symlink') return `${path} -> ${target}`
      return `${path}: ${file === undefined ? kind : nameOf(file.sha256)}${mode === '0755' ? '' : ` ${mode}`}`
    })
    .toSorted()
