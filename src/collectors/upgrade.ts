import type { Digest } from '../digest.ts'
import type { ClusterFact } from '../facts/cluster.ts'
import { failure } from '../facts/fact.ts'
import { lastFailure } from '../facts/image.ts'
import { maxOthers, type OtherImage, type PlatformBytes, type UpgradeFact } from '../facts/upgrade.ts'
import { parseManifest } from '../oci/manifest.ts'
import { digestIn, isOfRepository } from '../oci/node-image.ts'
import { parsePlatform } from '../oci/platform.ts'
import { imageForPlatform, type Root } from '../oci/platform-image.ts'
import type { ImageReference } from '../oci/reference.ts'
import type { ImageAccess } from '../world/world.ts'
import { type CollectContext, type Collector, childReader, eachPlugin } from './collector.ts'

/** The bytes behind each plugin's reference, and behind the digests of its repository that the cluster has; manifests alone. */
export const upgrade: Collector<'upgrade'> = {
  kind: 'upgrade',
  collect: context =>
    eachPlugin(context, async (plugin): Promise<readonly UpgradeFact[]> => {
      const access = await context.world.open(plugin)
      const { opened } = access
      const named = { plugin: plugin.plugin, image: plugin.image }
      if (opened === undefined) return [{ ...named, ...lastFailure(access.attempts) }]
      const { bytes, mediaType, digest } = opened.served
      const root = { digest, manifest: parseManifest(bytes, mediaType) }
      const digests = digestsIn(context.world.cluster, access.image)
        .filter(other => other !== digest)
        .slice(0, maxOthers)
      const [platforms, others] = await Promise.all([
        platformsOf(context, access, opened, root),
        Promise.all(digests.map(other => otherImage(context, access, opened, other))),
      ])
      return [{ ...named, ok: true, digest, platforms, others }]
    }),
}

type Opened = NonNullable<ImageAccess['opened']>

/** Those that pods run come first. A runtime that has one image from two registries names either as what a pod runs. */
const digestsIn = (cluster: ClusterFact | undefined, image: ImageReference): readonly Digest[] => {
  const containers = (cluster?.pods ?? []).flatMap(({ initContainers }) => initContainers)
  const ofPods = containers.filter(one => isOfRepository(one.image, image)).map(({ imageId }) => imageId)
  const ofNodes = (cluster?.nodes ?? []).flatMap(({ images = [] }) => images.flatMap(({ names }) => names))
  // Without a repository before it a digest is that of a config, which is no manifest.
  const names = [...ofPods, ...ofNodes.filter(name => isOfRepository(name, image))].filter(name => name.includes('@'))
  return [...new Set(names.flatMap(name => digestIn(name) ?? []))]
}

const platformsOf = (context: CollectContext, access: ImageAccess, opened: Opened, root: Root): Promise<readonly PlatformBytes[]> => {
  const read = childReader(context, access, opened)
  return Promise.all(
    context.platforms.map(async (platform): Promise<PlatformBytes> => {
      try {
        const { digest, manifest } = await imageForPlatform(root, parsePlatform(platform), read)
        const layers = manifest.layers.map(({ digest, sizeBytes }) => ({ digest, sizeBytes }))
        return { platform, ok: true, digest, config: manifest.config.digest, layers }
      } catch (error) {
        return { platform, ...failure(error) }
      }
    }),
  )
}

/** What runs may be gone from the registry: a failed fact, for then it is not what the reference points at now. */
const otherImage = async (context: CollectContext, access: ImageAccess, opened: Opened, digest: Digest): Promise<OtherImage> => {
  try {
    const { bytes, mediaType } = await context.world.registry.manifest(access.image, digest, opened.as)
    const root = { digest, manifest: parseManifest(bytes, mediaType) }
    return { digest, ok: true, platforms: await platformsOf(context, access, opened, root) }
  } catch (error) {
    return { digest, ...failure(error) }
  }
}
