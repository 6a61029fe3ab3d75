import type { BinariesFact } from '../facts/binaries.ts'
import { failure, type Plugin } from '../facts/fact.ts'
import { lastFailure } from '../facts/image.ts'
import { type Descriptor, parseManifest } from '../oci/manifest.ts'
import { parsePlatform } from '../oci/platform.ts'
import { imageForPlatform, type ResolvedImage } from '../oci/platform-image.ts'
import type { ImageAccess } from '../world/world.ts'
import { answerFromImage } from './binaries/answer-early.ts'
import { describeImage } from './binaries/describe-image.ts'
import { createLayerReader, type LayerAccess, type LayerReader } from './binaries/layer-reader.ts'
import { defaultLargeBytes } from './binaries/layer-stops.ts'
import type { LayerSource } from './binaries/read-layers.ts'
import { type CollectContext, type Collector, childReader, createSlots, eachPlugin } from './collector.ts'

type Opened = NonNullable<ImageAccess['opened']>
type Described = ReturnType<typeof describeImage>

/** Images whose files are in memory at the same time; fewer would wait for each other on a long link. */
const maxImages = 10

/** What each plugin's image holds and would copy, for every platform that is needed: all layers, each read once a run. */
export const binaries: Collector<'binaries'> = {
  kind: 'binaries',
  collect: async context => {
    const layers = createLayerReader(context.signal, context.world.layerCache)
    const slot = createSlots(maxImages)
    const look: Look = (plugin, access, opened, image) => slot(() => describe(context, plugin, access, opened, image, layers))
    const facts = await eachPlugin(context, plugin => collectOne(context, plugin, look)).finally(() => layers.close())
    return facts.flatMap(fact => ('platform' in fact ? [fact] : context.platforms.map(platform => ({ platform, ...fact }))))
  },
}

type Look = (plugin: Plugin, access: ImageAccess, opened: Opened, image: ResolvedImage) => Promise<Described>

const collectOne = async (context: CollectContext, plugin: Plugin, look: Look): Promise<readonly BinariesFact[]> => {
  const access = await context.world.open(plugin)
  const { opened } = access
  const named = { plugin: plugin.plugin, image: plugin.image }
  if (opened === undefined) {
    const why = lastFailure([...access.otherAttempts, ...access.attempts])
    return context.platforms.map(platform => ({ ...named, platform, ...why }))
  }
  const known = new Map<string, Promise<Described>>()
  return Promise.all(
    context.platforms.map(async platform => {
      try {
        const image = await resolve(context, access, opened, platform)
        // Platforms that share an image share what is in it
        const described = known.get(image.digest) ?? look(plugin, access, opened, image)
        known.set(image.digest, described)
        return { ...named, platform, ok: true as const, ...(await described) }
      } catch (error) {
        return { ...named, platform, ...failure(error) }
      }
    }),
  )
}

const resolve = (context: CollectContext, access: ImageAccess, opened: Opened, platform: string): Promise<ResolvedImage> => {
  const { digest, bytes, mediaType } = opened.served
  const root = { digest, manifest: parseManifest(bytes, mediaType) }
  return imageForPlatform(root, parsePlatform(platform), childReader(context, access, opened))
}

const describe = async (
  context: CollectContext,
  { plugin }: Plugin,
  access: ImageAccess,
  { as }: Opened,
  image: ResolvedImage,
  layers: LayerReader,
): Promise<Described> => {
  const mib = image.manifest.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 2 ** 20
  context.progress(`${plugin}: reading ${image.manifest.layers.length} layers, ${mib.toFixed(1)} MiB`)
  const { registry } = context.world
  const prove = context.prove === true
  const accessTo = (layer: Descriptor): LayerAccess => ({
    open: () => registry.blob(access.image, layer, as),
    // A small layer is soon read, and then proves what it holds
    ...(prove || layer.sizeBytes < defaultLargeBytes
      ? {}
      : {
          isThere: () => registry.hasBlob(access.image, layer, as),
          range: async range => registry.blobRange?.(access.image, layer, range, as),
        }),
  })
  const source: LayerSource = {
    read: (layer, diffId) => layers.read(layer, diffId, accessTo(layer)),
    readWhole: (layer, diffId) => layers.readWhole(layer, diffId, accessTo(layer)),
    isHere: layers.isHere,
    isThere: layer => registry.hasBlob(access.image, layer, as),
  }
  return answerFromImage(image, source, unpacked => describeImage(image, unpacked), { prove })
}
