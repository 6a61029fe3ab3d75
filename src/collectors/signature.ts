import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { type Fact, failure, type Plugin } from '../facts/fact.ts'
import type { FoundSignature, SignatureFact, SignaturePlace, SignedPlatform } from '../facts/signature.ts'
import { type Descriptor, isMalformed } from '../oci/descriptor.ts'
import { type ImageIndex, parseManifest } from '../oci/manifest.ts'
import { isManifestType } from '../oci/media-types.ts'
import { parsePlatform } from '../oci/platform.ts'
import { chosenEntry, imageForPlatform } from '../oci/platform-image.ts'
import { nameOf } from '../oci/reference.ts'
import { chooseReferrers, formOf, mayBeSignature, newest, referrersTag, signatureTag } from '../signatures/places.ts'
import { simpleSigningMediaType } from '../signatures/simple-signing.ts'
import type { ImageAccess, ServedManifest } from '../world/world.ts'
import { type CollectContext, type Collector, eachPlugin } from './collector.ts'

/** Of one signature, of all signatures of one plugin, and how many are read at one place, newest (last) first. */
const limits = { signatureBytes: 8 << 20, pluginBytes: 64 << 20, perPlace: 64 }

/** Everything that hangs on the image, found in all places at once; what it is worth is the analyzer's to say. */
export const signature: Collector<'signature'> = {
  kind: 'signature',
  collect: context => eachPlugin(context, plugin => collectOne(context, plugin)),
}

const collectOne = async (context: CollectContext, plugin: Plugin): Promise<readonly SignatureFact[]> => {
  const named = { plugin: plugin.plugin, image: plugin.image }
  const access = await context.world.open(plugin)
  if (access.opened === undefined) return [{ ...named, ...notOpened(access) }]
  const { served } = access.opened
  const repository = repositoryOf(context, access)
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
      repository: repository.name,
      digest: served.digest,
      root: root.kind,
      platforms,
      places: looks.flatMap(({ places }) => places),
      signatures: looks.flatMap(({ signatures }) => signatures),
    },
  ]
}

const notOpened = ({ attempts }: ImageAccess) => {
  const refused = attempts.findLast(({ ok }) => !ok)
  return refused?.ok === false ? refused : failure(new PreflightError('REGISTRY_FAILED', 'The image could not be read.'))
}

/** The image's repository, as the login that opened the image sees it. */
interface Repository {
  /** With registry, as in an image reference. */
  readonly name: string
  /** The same as a path of the registry's API, less what comes behind. */
  readonly path: string
  manifest(reference: string): Promise<ServedManifest>
  referrers(subject: Digest): Promise<{ readonly descriptors: readonly Descriptor[]; readonly source: 'api' | 'tag' | 'none' }>
  blob(descriptor: Descriptor, limitBytes: number): Promise<Uint8Array>
  keep(bytes: Uint8Array): Digest
}

const repositoryOf = ({ world: { registry }, keep }: CollectContext, { image, opened }: ImageAccess): Repository => {
  let leftBytes = limits.pluginBytes
  const read = new Map<Digest, Promise<Uint8Array>>()
  const blob = (descriptor: Descriptor, limitBytes: number) => {
    leftBytes -= descriptor.sizeBytes
    if (leftBytes >= 0) return registry.blobBytes(image, descriptor, limitBytes, opened?.as)
    throw new PreflightError('BODY_TOO_LARGE', `There are more than ${limits.pluginBytes >> 20} MiB of signatures.`)
  }
  return {
    name: nameOf(image),
    path: `${image.host}/v2/${image.repository}`,
    manifest: reference => registry.manifest(image, reference, opened?.as),
    referrers: subject => registry.referrers(image, subject, opened?.as),
    // Signatures of several signers share their payload: it is read once.
    blob: async (descriptor, limitBytes) => {
      const known = read.get(descriptor.digest) ?? blob(descriptor, limitBytes)
      read.set(descriptor.digest, known)
      return known
    },
    keep,
  }
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

interface Look {
  readonly places: readonly SignaturePlace[]
  readonly signatures: readonly FoundSignature[]
}

type Asked = Pick<SignaturePlace, 'kind' | 'subject' | 'at'>

const absent = (asked: Asked): SignaturePlace => ({ ...asked, state: 'absent' })

/** A tag that is not there is an absence; whatever else went wrong is not. */
const absentOrError = (asked: Asked, error: unknown): SignaturePlace => {
  const { ok: _, ...failed } = failure(error)
  return failed.code === 'MANIFEST_NOT_FOUND' ? absent(asked) : { ...asked, state: 'error', ...failed }
}

const atSignatureTag = async (repository: Repository, subject: Digest): Promise<Look> => {
  const tag = signatureTag(subject)
  const asked: Asked = { kind: 'sigTag', subject, at: `${repository.name}:${tag}` }
  // No registry has a tag of more than 128 characters (distribution-spec 1.1, "Pulling manifests"): that of a SHA-512 digest.
  if (tag.length > 128) return { places: [absent(asked)], signatures: [] }
  try {
    const served = await repository.manifest(tag)
    const manifest = parseManifest(served.bytes, served.mediaType)
    if (manifest.kind === 'index') throw new PreflightError('MANIFEST_INVALID', "What cosign's tag points at is an index.")
    const layers = manifest.layers.map((descriptor, layer) => ({ descriptor, layer }))
    const found = { subject, places: [asked.kind], manifest: repository.keep(served.bytes) }
    const signatures = await Promise.all(
      newest(layers, limits.perPlace).map(({ descriptor, layer }) => ofLayer(repository, { ...found, layer, kind: 'cosign' }, descriptor)),
    )
    return { places: [{ ...asked, state: 'found', unread: layers.length - signatures.length }], signatures }
  } catch (error) {
    return { places: [absentOrError(asked, error)], signatures: [] }
  }
}

const ofLayer = async (repository: Repository, found: Omit<FoundSignature, 'mediaType'>, layer: Descriptor): Promise<FoundSignature> => {
  const { mediaType } = layer
  if (mediaType !== simpleSigningMediaType) return { ...found, mediaType, kind: 'unknown' }
  return { ...found, mediaType, content: await contentOf(repository, layer) }
}

const contentOf = async (repository: Repository, descriptor: Descriptor): Promise<Fact<{ readonly blob: Digest }>> => {
  try {
    return { ok: true, blob: repository.keep(await repository.blob(descriptor, limits.signatureBytes)) }
  } catch (error) {
    return failure(error)
  }
}

/** The API and the tag: what was pushed before the registry had the API is in the tag alone. */
const atReferrers = async (repository: Repository, subject: Digest): Promise<Look> => {
  const api: Asked = { kind: 'referrersApi', subject, at: `${repository.path}/referrers/${subject}` }
  const tag: Asked = { kind: 'referrersTag', subject, at: `${repository.name}:${referrersTag(subject)}` }
  const listed = await listReferrers(repository, api, tag)
  const lists = listed.flatMap(list => ('descriptors' in list ? [{ kind: list.asked.kind, descriptors: list.descriptors }] : []))
  const { chosen, unread } = chooseReferrers(lists, limits.perPlace)
  const signatures = await Promise.all(
    chosen.map(({ descriptor, kinds }) => ofReferrer(repository, descriptor, { subject, places: kinds })),
  )
  const placeOf = (list: Listed): SignaturePlace => {
    if (!('descriptors' in list)) return list
    return list.descriptors.length === 0 ? absent(list.asked) : { ...list.asked, state: 'found', unread: unread.get(list.asked.kind) ?? 0 }
  }
  return { places: listed.map(placeOf), signatures: signatures.flat() }
}

/** What a place lists, or why it lists nothing. */
type Listed = SignaturePlace | { readonly asked: Asked; readonly descriptors: readonly Descriptor[] }

const listReferrers = async (repository: Repository, api: Asked, tag: Asked): Promise<readonly Listed[]> => {
  try {
    const { descriptors, source } = await repository.referrers(api.subject)
    if (source === 'tag') return [absent(api), { asked: tag, descriptors }]
    if (source === 'none') return [absent(api), absent(tag)]
    return [{ asked: api, descriptors }, await listTag(repository, tag)]
  } catch (error) {
    return [absentOrError(api, error), await listTag(repository, tag)]
  }
}

const listTag = async (repository: Repository, asked: Asked): Promise<Listed> => {
  try {
    const served = await repository.manifest(referrersTag(asked.subject))
    const index = parseManifest(served.bytes, served.mediaType)
    if (index.kind === 'index') return { asked, descriptors: index.manifests }
    throw new PreflightError('MANIFEST_INVALID', 'The tag that lists what hangs on the image is not an index.')
  } catch (error) {
    return absentOrError(asked, error)
  }
}

const ofReferrer = async (
  repository: Repository,
  descriptor: Descriptor,
  where: Pick<FoundSignature, 'subject' | 'places'>,
): Promise<readonly FoundSignature[]> => {
  const { artifactType = descriptor.mediaType, digest } = descriptor
  const unknown: FoundSignature = { ...where, kind: 'unknown', manifest: digest, layer: 0, mediaType: artifactType }
  if (!mayBeSignature(descriptor.artifactType)) return [unknown]
  try {
    const served = await repository.manifest(digest)
    const manifest = parseManifest(served.bytes, served.mediaType)
    if (manifest.kind === 'index') return [unknown]
    const kind = formOf(manifest)
    if (kind === 'unknown') return [{ ...unknown, mediaType: manifest.artifactType ?? manifest.config.mediaType }]
    const found = { ...where, kind, manifest: repository.keep(served.bytes) }
    if (kind === 'cosignReferrer') {
      const layers = newest(
        manifest.layers.map((layer, index) => ({ layer, index })),
        limits.perPlace,
      )
      return await Promise.all(layers.map(({ layer, index }) => ofLayer(repository, { ...found, layer: index }, layer)))
    }
    return [await ofBundle(repository, { ...found, layer: 0, mediaType: manifest.layers[0]?.mediaType ?? '' }, manifest.layers)]
  } catch (error) {
    return [{ ...unknown, content: failure(error) }]
  }
}

const ofBundle = async (
  repository: Repository,
  found: FoundSignature,
  [layer, ...more]: readonly Descriptor[],
): Promise<FoundSignature> => {
  if (layer === undefined || more.length > 0) {
    return {
      ...found,
      content: failure(new PreflightError('MANIFEST_INVALID', 'The manifest of a sigstore bundle has exactly one layer.')),
    }
  }
  const content = await contentOf(repository, layer)
  if (!content.ok) return { ...found, content }
  try {
    // A message signature is over the manifest, so judging it takes the manifest's bytes.
    const bytes = Buffer.from(await repository.blob(layer, limits.signatureBytes))
    if (bytes.includes('"messageSignature"')) repository.keep((await repository.manifest(found.subject)).bytes)
    return { ...found, content }
  } catch (error) {
    return { ...found, content: failure(error) }
  }
}
