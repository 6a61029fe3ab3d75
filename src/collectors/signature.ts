import { failure, type Plugin } from '../facts/fact.ts'
import { lastFailure } from '../facts/image.ts'
import type { SignatureFact, SignedPlatform } from '../facts/signature.ts'
import { isMalformed } from '../oci/descriptor.ts'
import { type ImageIndex, parseManifest } from '../oci/manifest.ts'
import { isManifestType } from '../oci/media-types.ts'
import { parsePlatform } from '../oci/platform.ts'
import { chosenEntry, imageForPlatform } from '../oci/platform-image.ts'
import { nameOf } from '../oci/reference.ts'
import type { ServedManifest } from '../world/world.ts'
import { type CollectContext, type Collector, eachPlugin } from './collector.ts'
import { atReferrers, atSignatureTag } from './signature/places.ts'
import { type Repository, repositoryOf } from './signature/repository.ts'

/** Everything that hangs on the image, found in all places at once; what it is worth is the analyzer's to say. */
export const signature: Collector<'signature'> = {
  kind: 'signature',
  collect: context => eachPlugin(context, plugin => collectOne(context, plugin)),
}

const collectOne = async (context: CollectContext, plugin: Plugin): Promise<readonly SignatureFact[]> => {
  const named = { plugin: plugin.plugin, image: plugin.image }
  const access = await context.world.open(plugin)
  if (access.opened === undefined) return [{ ...named, ...lastFailure(access.attempts) }]
  const { served } = access.opened
  const repository = repositoryOf(context, access)
  context.progress(`${plugin.plugin}: looking for signatures of ${plugin.image}`)
  const root = parseManifest(served.bytes, served.mediaType)
  context.keep(served.bytes)
  const platforms =
    root.kind === 'index' ? await Promise.all(context.platforms.map(platform => platformOf(repository, served, root, platform))) : []
  const subjects = new Set([served.digest, ...platforms.flatMap(platform => (platform.ok ? [platform.digest] : []))])
  const looks = await Promise.all([...subjects].flatMap(subject => [atSignatureTag(repository, subject), atReferrers(repository, subject)]))
  return [
    {
      ...named,
      ok: true,
      repository: nameOf(access.image),
      ...(repository.local === undefined ? {} : { local: repository.local }),
      digest: served.digest,
      root: root.kind,
      platforms,
      places: looks.flatMap(({ places }) => places),
      signatures: looks.flatMap(({ signatures }) => signatures),
    },
  ]
}

const platformOf = async (repository: Repository, served: ServedManifest, index: ImageIndex, platform: string): Promise<SignedPlatform> => {
  try {
    const want = parsePlatform(platform)
    const entry = chosenEntry(index, want)
    if (entry?.platform !== undefined && !isMalformed(entry) && isManifestType(entry.mediaType))
      return { platform, ok: true, digest: entry.digest }
    const { digest } = await imageForPlatform({ digest: served.digest, manifest: index }, want, {
      manifest: async descriptor => (await repository.manifest(descriptor.digest)).bytes,
      blob: (descriptor, limitBytes) => repository.blob(descriptor, limitBytes),
    })
    return { platform, ok: true, digest }
  } catch (error) {
    return { platform, ...failure(error) }
  }
}
