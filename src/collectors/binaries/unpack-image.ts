import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import type { LayerFacts } from '../../facts/binaries.ts'
import { createImageBuilder } from '../../oci/apply-layer.ts'
import type { Directory } from '../../oci/file-tree.ts'
import type { LayerDoubt } from '../../oci/layer-paths.ts'
import { type Descriptor, unpackedLayers } from '../../oci/manifest.ts'
import type { ResolvedImage } from '../../oci/platform-image.ts'
import { printable } from '../../redact.ts'
import { utf8 } from './file-facts.ts'
import { factsOf, type KnownLayer } from './known-layer.ts'

export interface UnpackedImage {
  readonly root: Directory
  readonly layers: readonly LayerFacts[]
  readonly doubts: readonly LayerDoubt[]
}

/** What tables of contents say is in these layers cannot be unpacked. Whether their own bytes can is not known. */
export class RefusedAsDeclared extends Error {
  readonly layers: readonly number[]
  constructor(layers: readonly number[], cause: unknown) {
    super('a table of contents says what cannot be unpacked', { cause })
    this.layers = layers
  }
}

/** Layers of one image that are read, or read and not yet applied: what is known of them is in memory. */
const layersAhead = 2

/**
 * The file system of an image. Every layer is read to its end and has the diff_id that the config names, as a node requires; of one
 * that is only declared, that is not known.
 *
 * @throws PreflightError LAYER_CORRUPT, LAYER_DIFF_ID, LAYER_TOO_LARGE, LAYER_UNSUPPORTED, naming the layer; what `read` throws
 * @throws RefusedAsDeclared where one that is only declared has a part in it
 */
export const unpackImage = async (
  { manifest, config }: ResolvedImage,
  read: (layer: Descriptor, diffId: Digest, index: number) => Promise<KnownLayer>,
): Promise<UnpackedImage> => {
  const layers = unpackedLayers(manifest)
  const builder = createImageBuilder()
  const facts: LayerFacts[] = []
  const running = new Map<number, Promise<KnownLayer>>()
  const start = (index: number) => {
    const layer = layers[index]
    if (layer === undefined || running.has(index)) return
    const known = read(layer, config.diffIds[index]!, index)
    // It is awaited in its turn; a failure before that is none yet
    known.catch(() => undefined)
    running.set(index, known)
  }
  try {
    for (const [index, layer] of layers.entries()) {
      for (let ahead = index; ahead < index + layersAhead; ahead++) start(ahead)
      const place = { layer, index, count: layers.length }
      const known = await named(place, () => running.get(index)!)
      if (!known.declared && known.content.diffId !== config.diffIds[index])
        throw wrongDiffId(place, known.content.diffId, config.diffIds[index]!)
      await named(place, async () => builder.apply(known.content.entries)).catch((error: unknown) => {
        const declared = [...facts.map(layer => layer.declared !== undefined), known.declared === true].flatMap((is, at) =>
          is ? [at] : [],
        )
        throw error instanceof PreflightError && declared.length > 0 ? new RefusedAsDeclared(declared, error) : error
      })
      facts.push(factsOf(layer, known))
      running.delete(index)
    }
  } finally {
    await Promise.allSettled(running.values())
  }
  return { root: builder.root, doubts: builder.doubts, layers: facts }
}

interface Place {
  readonly layer: Descriptor
  readonly index: number
  readonly count: number
}

const nameOf = ({ layer, index, count }: Place): string => `Layer ${index + 1} of ${count} (${layer.digest})`

/** Puts the layer's name before what is wrong with it. */
const named = async <T>(place: Place, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PreflightError) || !error.code.startsWith('LAYER_')) throw error
    throw new PreflightError(error.code, `${nameOf(place)} cannot be unpacked: ${printable(utf8(error.message), 1000)}.`, {
      hint: error.hint ?? 'Build and push the image again.',
      cause: error,
    })
  }
}

const wrongDiffId = (place: Place, actual: string, expected: string): PreflightError =>
  new PreflightError(
    'LAYER_DIFF_ID',
    `${nameOf(place)} cannot be unpacked: uncompressed it has the digest ${actual}, but the image's config names ${expected}.`,
    { hint: 'Build and push the image again; the layer was changed or replaced after the config was written.' },
  )
