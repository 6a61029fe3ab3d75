import type { Digest } from '../digest.ts'
import { failure } from '../facts/fact.ts'
import { lastFailure } from '../facts/image.ts'
import type { SignatureFact, SignedPlatform } from '../facts/signature.ts'
import { isMalformed } from '../oci/descriptor.ts'
import { type ImageIndex, parseManifest } from '../oci/manifest.ts'
import { isManifestType } from '../oci/media-types.ts'
import { parsePlatform } from '../oci/platform.ts'
import { chosenEntry, imageForPlatform } from '../oci/platform-image.ts'
import { nameOf } from '../oci/reference.ts'
import type { ImageAccess, ServedManifest } from '../world/world.ts'
import { type CollectContext, type Collector, createSlots, eachPlugin, type SignatureSource } from './collector.ts'
import { type Budget, imageBudget, runBudget } from './signature/budget.ts'
import { type Look, looksAt } from './signature/places.ts'
import type { Repository } from './signature/repository.ts'
import { repositoriesOf } from './signature/sources.ts'

/**
 * Images that are looked at at the same time. Of a hundred, all places together would stand before everything else that a registry is
 * asked, and the reading of layers, which goes step by step, would wait behind them each time. With fewer the connections to a host
 * (`world/http-options.ts`) stand idle while the last answers of an image are waited for.
 */
const maxImages = 24

/** Everything that hangs on the image, found in all places at once; what it is worth is the analyzers' to say. */
export const signature: Collector<'signature'> = {
  kind: 'signature',
  async collect(context) {
    const budget = runBudget()
    const slot = createSlots(maxImages)
    const known = new Map<ImageAccess, Map<string, Promise<Described>>>()
    return eachPlugin(context, async (plugin): Promise<readonly SignatureFact[]> => {
      const named = { plugin: plugin.plugin, image: plugin.image }
      const access = await context.world.open(plugin)
      if (access.opened === undefined) return [{ ...named, ...lastFailure(access.attempts) }]
      const { served } = access.opened
      context.progress(`${plugin.plugin}: looking for signatures of ${plugin.image}`)
      const sources = (context.signatureSources ?? []).filter(({ plugins }) => plugins?.includes(plugin.plugin) ?? true)
      // Two plugins may share an image: what hangs on it is fetched once.
      const key = JSON.stringify(sources)
      const ofImage = known.get(access) ?? new Map<string, Promise<Described>>()
      const described = ofImage.get(key) ?? slot(() => describe(context, access, served, sources, budget))
      known.set(access, ofImage.set(key, described))
      return [{ ...named, ok: true as const, ...(await described) }]
    })
  },
}

type Described = Omit<Extract<SignatureFact, { ok: true }>, 'plugin' | 'image' | 'ok'>

const describe = async (
  context: CollectContext,
  access: ImageAccess,
  served: ServedManifest,
  sources: readonly SignatureSource[],
  budget: Budget,
): Promise<Described> => {
  const root = parseManifest(served.bytes, served.mediaType)
  context.keep(served.bytes)
  const repositories = repositoriesOf(context, access, sources, imageBudget(budget))
  const own = repositories[0]!
  const { withoutSboms = false } = context
  const looks = new Map<Digest, Promise<readonly Look[]>>()
  const look = (subject: Digest): Promise<readonly Look[]> => {
    const looking = looks.get(subject) ?? Promise.all(repositories.flatMap(repository => looksAt(repository, subject, withoutSboms)))
    looks.set(subject, looking)
    return looking
  }
  // What hangs on the index need not wait until it is known what a platform runs.
  const ofRoot = look(served.digest)
  const platforms = await Promise.all(
    root.kind === 'index'
      ? context.platforms.map(async wanted => {
          const platform = await platformOf(own, served, root, wanted)
          return { platform, looks: platform.ok ? await look(platform.digest) : [] }
        })
      : [],
  )
  const all = [...new Set([await ofRoot, ...platforms.map(one => one.looks)])].flat()
  return {
    repository: nameOf(access.image),
    ...(own.local === undefined ? {} : { local: own.local }),
    digest: served.digest,
    mediaType: served.mediaType,
    sizeBytes: served.bytes.length,
    root: root.kind,
    platforms: platforms.map(({ platform }) => platform),
    places: all.flatMap(({ places }) => places),
    signatures: all.flatMap(({ signatures }) => signatures),
  }
}

const platformOf = async (repository: Repository, served: ServedManifest, index: ImageIndex, platform: string): Promise<SignedPlatform> => {
  try {
    const want = parsePlatform(platform)
    const entry = chosenEntry(index, want)
    if (entry?.platform !== undefined && !isMalformed(entry) && isManifestType(entry.mediaType)) {
      const { digest, mediaType, sizeBytes } = entry
      return { platform, ok: true, digest, mediaType, sizeBytes }
    }
    const { digest, manifest } = await imageForPlatform({ digest: served.digest, manifest: index }, want, {
      manifest: async descriptor => (await repository.manifest(descriptor.digest)).bytes,
      blob: (descriptor, limitBytes) => repository.blob(descriptor, limitBytes),
    })
    return { platform, ok: true, digest, mediaType: manifest.mediaType, sizeBytes: (await repository.manifest(digest)).bytes.length }
  } catch (error) {
    return { platform, ...failure(error) }
  }
}
