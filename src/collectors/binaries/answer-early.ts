import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { createImageBuilder } from '../../oci/apply-layer.ts'
import { type Descriptor, unpackedLayers } from '../../oci/manifest.ts'
import type { ResolvedImage } from '../../oci/platform-image.ts'
import { LowerLayersNeeded } from '../../oci/unknown-below.ts'
import { createSlots } from '../collector.ts'
import type { KnownLayer } from './layer-reader.ts'
import { defaultLargeBytes, layerStops } from './layer-stops.ts'
import { factsOf, type UnpackedImage, unpackImage } from './unpack-image.ts'

/** Where layers come from. */
export interface LayerSource {
  read(layer: Descriptor, diffId: Digest): Promise<KnownLayer>
  /** True when reading it fetches nothing. */
  isHere(layer: Descriptor, diffId: Digest): Promise<boolean>
  /** Whether it could be read: a layer that nobody has keeps a node from the image, whatever is in those above. */
  isThere(layer: Descriptor): Promise<boolean>
}

export interface AnswerOptions {
  /** Every layer is read, also those that cannot change the answer. */
  readonly prove: boolean
  /** What is worth not being read. */
  readonly largeBytes?: number
}

/** Layers of one image that are read at the same time. */
const streams = 2
/** What is kept of the upper layers while the answer is looked for in them. */
const maxEntries = 400_000

/**
 * The answer from the file system of an image. Large layers are not read where `answer` comes out of those above without
 * asking anything that lower ones could change: then it is the same whatever they hold.
 *
 * @throws PreflightError as {@link unpackImage}, from which the answer comes in all other cases
 */
export const answerFromImage = async <T>(
  image: ResolvedImage,
  source: LayerSource,
  answer: (unpacked: UnpackedImage) => T,
  { prove, largeBytes = defaultLargeBytes }: AnswerOptions,
): Promise<T> => {
  const layers = unpackedLayers(image.manifest)
  const read = new Map<number, KnownLayer>()
  const { diffIds } = image.config
  const stops = prove ? [] : await layerStops(layers, image.config, (layer, index) => source.isHere(layer, diffIds[index]!), largeBytes)
  for (const from of stops) {
    if (!(await readFrom(from, layers, diffIds, source, read))) break
    const early = tryAnswer(() => answer(stack(layers, from, read)))
    if (early === undefined) continue
    if ((await Promise.all(layers.slice(0, from).map(source.isThere))).every(Boolean)) return early.answer
    break
  }
  const known = new Map([...read].map(([index, layer]) => [layers[index], layer]))
  return answer(await unpackImage(image, async (layer, diffId) => known.get(layer) ?? source.read(layer, diffId)))
}

/** False where one cannot be read, has another diff_id, or all together are too much to keep: whoever reads all says so. */
const readFrom = async (
  from: number,
  layers: readonly Descriptor[],
  diffIds: readonly Digest[],
  source: LayerSource,
  read: Map<number, KnownLayer>,
): Promise<boolean> => {
  const slot = createSlots(streams)
  const missing = layers.map((_, index) => index).filter(index => index >= from && !read.has(index))
  const results = await Promise.allSettled(
    missing.reverse().map(index =>
      slot(async () => {
        const layer = await source.read(layers[index]!, diffIds[index]!)
        read.set(index, layer)
        return layer.content.diffId === diffIds[index]
      }),
    ),
  )
  const entries = [...read.values()].reduce((sum, { content }) => sum + content.entries.length, 0)
  return entries <= maxEntries && results.every(result => result.status === 'fulfilled' && result.value)
}

/** Undefined where that needs lower layers, or shows that the image cannot be unpacked. */
const tryAnswer = <T>(work: () => T): { readonly answer: T } | undefined => {
  try {
    return { answer: work() }
  } catch (error) {
    if (error instanceof LowerLayersNeeded || error instanceof PreflightError) return undefined
    throw error
  }
}

/** The file system of the layers from `from` on, upon unknown ones. */
const stack = (layers: readonly Descriptor[], from: number, read: ReadonlyMap<number, KnownLayer>): UnpackedImage => {
  const builder = createImageBuilder('unknown')
  for (let index = from; index < layers.length; index++) builder.apply(read.get(index)!.content.entries)
  return {
    root: builder.root,
    doubts: builder.doubts,
    layers: layers.map((layer, index) =>
      index < from ? { digest: layer.digest, sizeBytes: layer.sizeBytes, unread: true } : factsOf(layer, read.get(index)!),
    ),
  }
}
