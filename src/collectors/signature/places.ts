import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { failure } from '../../facts/fact.ts'
import type { FoundSignature, SignatureHome, SignaturePlace } from '../../facts/signature.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { chooseReferrers, cosignTag, referrersTag } from '../../signatures/places.ts'
import type { Referrers } from '../../world/world.ts'
import { limits } from './budget.ts'
import { ofLayers, ofReferrer } from './found.ts'
import type { Repository } from './repository.ts'

/** What one place, or the two of the referrers, answered and hold. */
export interface Look {
  readonly places: readonly SignaturePlace[]
  readonly signatures: readonly FoundSignature[]
}

/** All places of a repository, asked at the same time: nothing that one answers is needed to ask another. */
export const looksAt = (repository: Repository, subject: Digest, withoutSboms: boolean): readonly Promise<Look>[] => {
  const tags = cosignTags.filter(({ place }) => !(withoutSboms && place === 'sbomTag'))
  return [
    ...repository.homes.flatMap(home => tags.map(tag => atCosignTag(repository, home, subject, tag))),
    atReferrers(repository, subject),
  ]
}

const cosignTags = [
  { place: 'sigTag', suffix: 'sig', kind: 'cosign' },
  { place: 'attTag', suffix: 'att', kind: 'cosignAttestation' },
  { place: 'sbomTag', suffix: 'sbom', kind: 'sbomAttachment' },
] as const

type Asked = Pick<SignaturePlace, 'kind' | 'subject' | 'at' | 'source' | 'tagPrefix'>

const absent = (asked: Asked): SignaturePlace => ({ ...asked, state: 'absent' })

/** A tag that is not there is an absence; whatever else went wrong is not. */
const absentOrError = (asked: Asked, error: unknown): SignaturePlace => {
  const { ok: _, ...failed } = failure(error)
  return failed.code === 'MANIFEST_NOT_FOUND' ? absent(asked) : { ...asked, state: 'error', ...failed }
}

const atCosignTag = async (
  repository: Repository,
  home: SignatureHome,
  subject: Digest,
  { place, suffix, kind }: (typeof cosignTags)[number],
): Promise<Look> => {
  const tag = cosignTag(subject, suffix, home.tagPrefix)
  const asked: Asked = { ...home, kind: place, subject, at: `${repository.name}:${tag}` }
  // No registry has a tag of more than 128 characters (distribution-spec 1.1, "Pulling manifests"): that of a SHA-512 digest.
  if (tag.length > 128) return { places: [absent(asked)], signatures: [] }
  try {
    const served = await repository.manifest(tag)
    const manifest = parseManifest(served.bytes, served.mediaType)
    if (manifest.kind === 'index') throw new PreflightError('MANIFEST_INVALID', "What cosign's tag points at is an index.")
    const { signatures, unread } = await ofLayers(repository, served, manifest, { ...home, subject, places: [place], kind })
    return { places: [{ ...asked, state: 'found', unread }], signatures }
  } catch (error) {
    return { places: [absentOrError(asked, error)], signatures: [] }
  }
}

/** The API and the tag: what was pushed before the registry had the API is in the tag alone. */
const atReferrers = async (repository: Repository, subject: Digest): Promise<Look> => {
  const { source } = repository.homes[0] ?? {}
  const home: SignatureHome = source === undefined ? {} : { source }
  const api: Asked = { ...home, kind: 'referrersApi', subject, at: repository.local ?? `${repository.path}/referrers/${subject}` }
  const tag: Asked = { ...home, kind: 'referrersTag', subject, at: `${repository.name}:${referrersTag(subject)}` }
  const listed = await Promise.all([listApi(repository, api), listTag(repository, tag)])
  const lists = listed.flatMap(list => ('descriptors' in list ? [{ kind: list.asked.kind, descriptors: list.descriptors }] : []))
  const { chosen, unread } = chooseReferrers(lists, limits.referrers)
  const held = await Promise.all(
    chosen.map(async ({ descriptor, kinds }) => ({
      kinds,
      ...(await ofReferrer(repository, descriptor, { ...home, subject, places: kinds })),
    })),
  )
  const placeOf = (list: Listed): SignaturePlace => {
    if (!('descriptors' in list)) return list
    if (list.cutShort !== undefined) return absentOrError(list.asked, list.cutShort)
    if (list.descriptors.length === 0) return absent(list.asked)
    const { kind } = list.asked
    const inLayers = held.reduce((sum, one) => sum + (one.kinds.includes(kind) ? one.unread : 0), 0)
    return { ...list.asked, state: 'found', unread: (unread.get(kind) ?? 0) + inLayers }
  }
  return { places: listed.map(placeOf), signatures: held.flatMap(({ signatures }) => signatures) }
}

/** What a place lists, or why it lists nothing. */
type Listed = SignaturePlace | ({ readonly asked: Asked } & Referrers)

const listApi = async (repository: Repository, asked: Asked): Promise<Listed> => {
  try {
    return { asked, ...((await repository.referrers(asked.subject)) ?? { descriptors: [] }) }
  } catch (error) {
    return absentOrError(asked, error)
  }
}

const listTag = async (repository: Repository, asked: Asked): Promise<Listed> => {
  try {
    const served = await repository.manifest(referrersTag(asked.subject))
    // `cosign copy` puts the image itself there (cosign 3.1 cmd/cosign/cli/copy/copy.go), which lists nothing.
    if (served.digest === asked.subject) return absent(asked)
    const index = parseManifest(served.bytes, served.mediaType)
    if (index.kind === 'index') return { asked, descriptors: index.manifests }
    throw new PreflightError('MANIFEST_INVALID', 'The tag that lists what hangs on the image is not an index.')
  } catch (error) {
    return absentOrError(asked, error)
  }
}
