import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { ContentNeeded, type FileContent } from '../../oci/file-content.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { TableUnusable } from '../../oci/toc.ts'
import { isRight, type KnownLayer } from './known-layer.ts'

/** Where layers come from. */
export interface LayerSource {
  /** @throws PreflightError as LayerReader.read */
  read(layer: Descriptor, diffId: Digest): Promise<KnownLayer>
  /** Every byte of it, and every file hashed. @throws PreflightError as `read` */
  readWhole(layer: Descriptor, diffId: Digest): Promise<KnownLayer>
  /** True when reading it fetches nothing. */
  isHere(layer: Descriptor, diffId: Digest): Promise<boolean>
  /** Whether it could be read: a layer that nobody has keeps a node from the image, whatever is in those above. */
  isThere(layer: Descriptor): Promise<boolean>
}

/** The layers of one image that have been read so far. */
export interface ReadLayers {
  /** @throws PreflightError as LayerSource.read */
  layer(index: number): Promise<KnownLayer>
  /** Reads it and keeps it. False where it has another diff_id. @throws PreflightError as `layer` */
  keep(index: number): Promise<boolean>
  /** One that is kept. */
  kept(index: number): KnownLayer
  /** Of all that are kept. */
  readonly entries: number
  /** Reads all of these, of which only a table of contents was read. What is wrong with one is said by `layer`. */
  whole(indexes: readonly number[]): Promise<void>
  /** Does `work` again and again, and reads what was asked of a file meanwhile. @throws PreflightError as `layer` */
  supplied<T>(work: () => T | Promise<T>): Promise<T>
}

export const createReadLayers = (layers: readonly Descriptor[], diffIds: readonly Digest[], source: LayerSource): ReadLayers => {
  const kept = new Map<number, KnownLayer>()
  /** In which layer something may be asked that was not read. */
  const owners = new WeakMap<FileContent, number>()
  /** Those that had to be read after all. */
  const wholes = new Map<number, Promise<KnownLayer>>()
  const note = (index: number, layer: KnownLayer): KnownLayer => {
    for (const { content } of layer.content.entries) if (content?.partial) owners.set(content, index)
    // What was read of its files would be lost
    if (layer.declared) kept.set(index, layer)
    return layer
  }
  const layer = async (index: number) =>
    (await wholes.get(index)) ?? kept.get(index) ?? note(index, await source.read(layers[index]!, diffIds[index]!))
  const readWhole = async (index: number) => {
    const whole = wholes.get(index) ?? source.readWhole(layers[index]!, diffIds[index]!)
    wholes.set(index, whole)
    kept.set(index, await whole)
  }
  const keep = async (index: number) => {
    const known = await layer(index)
    kept.set(index, known)
    return isRight(known, diffIds[index]!)
  }
  const supply = async (need: ContentNeeded) => {
    const index = owners.get(need.content)
    if (index === undefined) throw need
    const known = kept.get(index)
    try {
      if (known?.declared) return await known.content.load(need)
    } catch (error) {
      if (!(error instanceof TableUnusable)) throw error
    }
    await readWhole(index)
  }
  /** What keeps a layer from being read has to be said with the layer's name, which `work` knows. */
  const orFailure = async (reading: Promise<void>): Promise<PreflightError | undefined> => {
    try {
      await reading
      return undefined
    } catch (error) {
      if (error instanceof PreflightError) return error
      throw error
    }
  }
  return {
    layer,
    keep,
    kept: index => kept.get(index)!,
    get entries() {
      return [...kept.values()].reduce((sum, { content }) => sum + content.entries.length, 0)
    },
    async whole(indexes) {
      for (const index of indexes) await orFailure(readWhole(index))
    },
    async supplied(work) {
      let failure: PreflightError | undefined
      for (let before: ContentNeeded | undefined; ; ) {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof ContentNeeded)) throw error
          const isSame = error.content === before?.content && error.part === before.part
          if (isSame) throw failure ?? new TypeError(`${error.message}, although it was read`)
          before = error
          failure = await orFailure(supply(error))
        }
      }
    },
  }
}
