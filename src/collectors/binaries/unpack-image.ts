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
import { createSlots, type KnownLayer } from './layer-reader.ts'

export interface UnpackedImage {
  readonly root: Directory
  readonly layers: readonly LayerFacts[]
  readonly doubts: readonly LayerDoubt[]
}

/** Of one image; many small layers come faster so, and large ones do not stop those of other plugins. */
const streamsPerImage = 2

/**
 * The file system of an image. Every layer is read to its end and has the diff_id that the config names, as a node requires.
 *
 * @throws PreflightError LAYER_CORRUPT, LAYER_DIFF_ID, LAYER_TOO_LARGE, LAYER_UNSUPPORTED, naming the layer; what `read` throws
 */
export const unpackImage = async (
  { manifest, config }: ResolvedImage,
  read: (layer: Descriptor, diffId: Digest) => Promise<KnownLayer>,
): Promise<UnpackedImage> => {
  const layers = unpackedLayers(manifest)
  const slot = createSlots(streamsPerImage)
  const results = await Promise.allSettled(
    layers.map(async (layer, index) => {
      const place = { layer, index, count: layers.length }
      const diffId = config.diffIds[index]!
      const known = await named(place, () => slot(() => read(layer, diffId)))
      if (known.content.diffId !== diffId) throw wrongDiffId(place, known.content.diffId, diffId)
      return known
    }),
  )
  const contents = results.map(result => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
  const builder = createImageBuilder()
  for (const [index, { content }] of contents.entries()) {
    await named({ layer: layers[index]!, index, count: layers.length }, async () => builder.apply(content.entries))
  }
  return {
    root: builder.root,
    doubts: builder.doubts,
    layers: contents.map(({ content: { rawBytes, entries }, cached }, index) => ({
      digest: layers[index]!.digest,
      sizeBytes: layers[index]!.sizeBytes,
      rawBytes,
      entries: entries.length,
      ...(cached ? { cached: true as const } : {}),
    })),
  }
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
