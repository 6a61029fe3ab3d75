import { PreflightError } from '../../errors.ts'
import { createImageBuilder } from '../../oci/apply-layer.ts'
import { type Descriptor, unpackedLayers } from '../../oci/manifest.ts'
import type { ResolvedImage } from '../../oci/platform-image.ts'
import { LowerLayersNeeded } from '../../oci/unknown-below.ts'
import { createSlots } from '../collector.ts'
import { factsOf, isRight } from './known-layer.ts'
import { defaultLargeBytes, layerStops } from './layer-stops.ts'
import { createReadLayers, type LayerSource, type ReadLayers } from './read-layers.ts'
import { RefusedAsDeclared, type UnpackedImage, unpackImage } from './unpack-image.ts'

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
 * @param answer changes what it is given, and so gets it anew each time
 * @throws PreflightError as {@link unpackImage}, from which the answer comes in all other cases
 */
export const answerFromImage = async <T>(
  image: ResolvedImage,
  source: LayerSource,
  answer: (unpacked: UnpackedImage) => T,
  { prove, largeBytes = defaultLargeBytes }: AnswerOptions,
): Promise<T> => {
  const layers = unpackedLayers(image.manifest)
  const { diffIds } = image.config
  const read = createReadLayers(layers, diffIds, source)
  const stops = prove ? [] : await layerStops(layers, image.config, (layer, index) => source.isHere(layer, diffIds[index]!), largeBytes)
  const areThere = askedOnce(layers, source)
  for (const from of stops) {
    // Asked while those above are read: most often the answer will be in them
    const there = areThere(from)
    there.catch(() => undefined)
    if (!(await readFrom(from, layers.length, read))) break
    const early = await tryAnswer(() => read.supplied(() => answer(stack(image, from, read))))
    if (early === undefined) continue
    if (await there) return early.answer
    break
  }
  for (;;) {
    try {
      return await read.supplied(async () => answer(await unpackImage(image, (_layer, _diffId, index) => read.layer(index))))
    } catch (error) {
      // A node looks at the layers alone
      if (!(error instanceof RefusedAsDeclared)) throw error
      await read.whole(error.layers)
    }
  }
}

/** Whether all layers below the given one are there. */
const askedOnce = (layers: readonly Descriptor[], { isThere }: LayerSource) => {
  const answers = new Map<Descriptor, Promise<boolean>>()
  return async (from: number): Promise<boolean> => {
    const asked = layers.slice(0, from).map(layer => {
      const answer = answers.get(layer) ?? isThere(layer)
      answers.set(layer, answer)
      return answer
    })
    return (await Promise.all(asked)).every(Boolean)
  }
}

/** False where one cannot be read, has another diff_id, or all together are too much to keep: whoever reads all says so. */
const readFrom = async (from: number, count: number, read: ReadLayers): Promise<boolean> => {
  const slot = createSlots(streams)
  const indexes = Array.from({ length: count - from }, (_, above) => count - 1 - above)
  const results = await Promise.allSettled(indexes.map(index => slot(() => read.keep(index))))
  return read.entries <= maxEntries && results.every(result => result.status === 'fulfilled' && result.value)
}

/** Undefined where that needs lower layers, or shows that the image cannot be unpacked. */
const tryAnswer = async <T>(work: () => Promise<T>): Promise<{ readonly answer: T } | undefined> => {
  try {
    return { answer: await work() }
  } catch (error) {
    if (error instanceof LowerLayersNeeded || error instanceof PreflightError) return undefined
    throw error
  }
}

/**
 * The file system of the layers from `from` on, upon unknown ones.
 *
 * @throws PreflightError where it cannot be: LAYER_DIFF_ID of one that was declared first and is read by now
 */
const stack = ({ manifest, config }: ResolvedImage, from: number, read: ReadLayers): UnpackedImage => {
  const layers = unpackedLayers(manifest)
  const builder = createImageBuilder('unknown')
  for (let index = from; index < layers.length; index++) {
    const known = read.kept(index)
    if (!isRight(known, config.diffIds[index]!)) throw new PreflightError('LAYER_DIFF_ID', 'another layer than the config names')
    builder.apply(known.content.entries)
  }
  return {
    root: builder.root,
    doubts: builder.doubts,
    layers: layers.map((layer, index) =>
      index < from ? { digest: layer.digest, sizeBytes: layer.sizeBytes, unread: true } : factsOf(layer, read.kept(index)),
    ),
  }
}
