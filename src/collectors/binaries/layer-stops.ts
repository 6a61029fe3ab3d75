import { handlingOf } from '../../oci/decompress.ts'
import type { ImageConfig } from '../../oci/image-config.ts'
import { lowestPluginsLayer } from '../../oci/layer-history.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { effectiveArgv, searchPath } from '../../velero/effective-argv.ts'

/** Smaller layers cost less to read than a question that stays open is worth: reading one takes little more than asking. */
export const defaultLargeBytes = 4 << 20
/** Each try goes through all layers above once more. */
const maxStops = 8

/**
 * Where in the layers (bottom first) it is worth trying to answer from those above alone: right above a large layer that
 * would have to be fetched. Highest first; `n` stands for all layers from the n-th on.
 */
export const layerStops = async (
  layers: readonly Descriptor[],
  config: ImageConfig,
  isHere: (layer: Descriptor, index: number) => Promise<boolean>,
  largeBytes: number,
): Promise<readonly number[]> => {
  if (!mayStop(config) || !layers.every(isReadable)) return []
  // What the history says is needed is read side by side with what is above it
  const start = lowestPluginsLayer(config.history, layers.length) ?? layers.length - 1
  const stops: number[] = []
  for (let index = start; index > 0 && stops.length < maxStops; index--) {
    const below = layers[index - 1]!
    if (below.sizeBytes >= largeBytes && !(await isHere(below, index - 1))) stops.push(index)
  }
  return stops
}

/** A program that is looked for in several folders is always looked for in lower layers too. */
const mayStop = (config: ImageConfig): boolean => effectiveArgv(config)[0]?.includes('/') !== false || !searchPath(config.env).includes(':')

/** Of a layer of another kind it is known without reading it that no node unpacks it. */
const isReadable = ({ mediaType }: Descriptor): boolean => {
  try {
    handlingOf(mediaType)
    return true
  } catch {
    return false
  }
}
