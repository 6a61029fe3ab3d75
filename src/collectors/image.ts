import type { Digest } from '../digest.ts'
import { failure, type Plugin } from '../facts/fact.ts'
import { type ImageFact, lastFailure, type PlatformImage, type TagFact } from '../facts/image.ts'
import { parseManifest, requireImage } from '../oci/manifest.ts'
import { formatPlatform, parsePlatform } from '../oci/platform.ts'
import { type ChildReader, imageForPlatform, offeredPlatforms, type Root } from '../oci/platform-image.ts'
import { fullReference, pulledAs } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { ImageAccess } from '../world/world.ts'
import { type CollectContext, type Collector, childReader, eachPlugin } from './collector.ts'

/** Each plugin's image as the registry has it, for every platform that is needed; no layers. */
export const image: Collector<'image'> = {
  kind: 'image',
  collect: async context => {
    const facts = await eachPlugin(context, async plugin => [await collectOne(context, plugin)])
    return facts.map(fact => ('attempts' in fact ? fact : { ...fact, attempts: [], otherAttempts: [] }))
  },
}

/** By which settings a node is followed. */
const way = ({ node, network }: ImageAccess): Pick<ImageFact, 'node' | 'network'> => ({
  ...(node && { node }),
  ...(network && { network }),
})

type Opened = NonNullable<ImageAccess['opened']>

const collectOne = async (context: CollectContext, plugin: Plugin): Promise<ImageFact> => {
  context.progress(`${plugin.plugin}: looking for ${plugin.image}`)
  const access = await context.world.open(plugin)
  const { attempts, otherAttempts, opened } = access
  const named = { plugin: plugin.plugin, image: plugin.image, attempts, otherAttempts, ...way(access) }
  if (opened === undefined) return { ...named, ...lastFailure(attempts) }
  try {
    return { ...named, ok: true, ...(await describe(context, access, opened)) }
  } catch (error) {
    return { ...named, ...failure(error) }
  }
}

const describe = async (context: CollectContext, access: ImageAccess, opened: Opened) => {
  const { served, source } = opened
  const manifest = parseManifest(served.bytes, served.mediaType)
  context.keep(served.bytes)
  const root = { digest: served.digest, manifest }
  const read = childReader(context, access, opened)
  const [upstream, required] = await Promise.all([
    upstreamOf(context, access, opened),
    Promise.all(context.platforms.map(platform => platformImage(root, platform, read))),
  ])
  const tag = await tagOf(context, access, opened)
  return {
    reference: access.image.local === undefined ? fullReference(access.image) : printable(access.image.local.text),
    host: served.host,
    ...(served.fetchedFrom === undefined ? {} : { fetchedFrom: served.fetchedFrom }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(served.passedOver === undefined ? {} : { passedOver: served.passedOver }),
    ...(served.quota === undefined ? {} : { quota: served.quota }),
    ...(served.proxy === undefined ? {} : { proxy: served.proxy }),
    digest: served.digest,
    mediaType: served.mediaType,
    kind: manifest.kind,
    credential: source,
    platforms: manifest.kind === 'index' ? offeredPlatforms(manifest) : platformsOf(requireImage(manifest) && required),
    required,
    ...(tag === undefined ? {} : { tag }),
    warnings: served.warnings,
  }
}

/** One platform's fault is no other's. */
const platformImage = async (root: Root, platform: string, read: ChildReader): Promise<PlatformImage> => {
  try {
    const { digest, manifest, config } = await imageForPlatform(root, parsePlatform(platform), read)
    const layersBytes = manifest.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return {
      platform,
      ok: true,
      digest,
      mediaType: manifest.mediaType,
      configPlatform: formatPlatform(config.platform),
      layersBytes,
      layers: manifest.layers.length,
    }
  } catch (error) {
    return { platform, ...failure(error) }
  }
}

const platformsOf = (required: readonly PlatformImage[]): readonly string[] => [
  ...new Set(required.flatMap(one => (one.ok ? [one.configPlatform] : []))),
]

/** Of a tag that a mirror resolved. */
const upstreamOf = async (
  { world: { registry } }: CollectContext,
  { image: reference, node }: ImageAccess,
  { as, served }: Opened,
): Promise<Digest | undefined> => {
  if (reference.digest !== undefined || node === undefined || node.hosts.length < 2) return undefined
  return served.host === reference.host ? undefined : registry.upstreamDigest?.(reference, pulledAs(reference), as)
}

/** containerd drops a tag beside a digest, so nobody notices when it moves on. */
const tagOf = async (
  { world: { registry } }: CollectContext,
  { image: reference }: ImageAccess,
  { as }: Opened,
): Promise<TagFact | undefined> => {
  const { tag, digest: pinned, local } = reference
  if (local !== undefined || tag === undefined || pinned === undefined) return undefined
  try {
    const { bytes, mediaType, digest } = await registry.manifest(reference, tag, as)
    return { ok: true, digest, includes: lists(bytes, mediaType, pinned) }
  } catch (error) {
    return failure(error)
  }
}

const lists = (bytes: Uint8Array, mediaType: string, digest: Digest): boolean => {
  try {
    const manifest = parseManifest(bytes, mediaType)
    return manifest.kind === 'index' && manifest.manifests.some(child => child.digest === digest)
  } catch {
    return false
  }
}
