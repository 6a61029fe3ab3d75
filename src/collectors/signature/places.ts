import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import { failure } from '../../facts/fact.ts'
import type { FoundSignature, SignaturePlace } from '../../facts/signature.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { chooseReferrers, newest, referrersTag, signatureTag } from '../../signatures/places.ts'
import { ofLayer, ofReferrer } from './found.ts'
import { limits, type Repository } from './repository.ts'

/** What one place, or the two of the referrers, answered and hold. */
export interface Look {
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

export const atSignatureTag = async (repository: Repository, subject: Digest): Promise<Look> => {
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

/** The API and the tag: what was pushed before the registry had the API is in the tag alone. */
export const atReferrers = async (repository: Repository, subject: Digest): Promise<Look> => {
  const api: Asked = { kind: 'referrersApi', subject, at: repository.local ?? `${repository.path}/referrers/${subject}` }
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
    // `cosign copy` puts the image itself there (cosign 3.1 cmd/cosign/cli/copy/copy.go), which lists nothing.
    if (served.digest === asked.subject) return absent(asked)
    const index = parseManifest(served.bytes, served.mediaType)
    if (index.kind === 'index') return { asked, descriptors: index.manifests }
    throw new PreflightError('MANIFEST_INVALID', 'The tag that lists what hangs on the image is not an index.')
  } catch (error) {
    return absentOrError(asked, error)
  }
}
