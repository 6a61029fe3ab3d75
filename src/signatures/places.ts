import type { Digest } from '../digest.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { bundleMediaTypePrefix, dsseMediaType, inTotoPayloadType, simpleSigningMediaType } from './media-types.ts'

/** cosign 3.1 pkg/oci/remote/options.go: what stands behind the digest in its tags. */
export type TagSuffix = 'sig' | 'att' | 'sbom'

/** cosign 3.1 pkg/oci/remote/remote.go `normalize`: the digest with `-` for `:`, between prefix and suffix. */
export const cosignTag = (digest: Digest, suffix: TagSuffix, prefix = ''): string => `${prefix}${digest.replace(':', '-')}.${suffix}`

/** distribution-spec 1.1 "Referrers Tag Schema": at most 32 characters of algorithm, 64 of hash. */
export const referrersTag = (digest: Digest): string => {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replace(/[^\w.-]/g, '-')
}

/** Artifact types of cosign's "experimental OCI 1.1": the manifest of a tag as a referrer (pkg/oci/remote/write.go). */
const cosignArtifact = { sig: 'application/vnd.dev.cosign.artifact.sig.v1+json', sbom: 'application/vnd.dev.cosign.artifact.sbom.v1+json' }

/** notation-go 1.3 registry/mediatype.go; the two forms of its manifest are in registry/repository.go `signatureReferrers`. */
const notation = { artifactType: 'application/vnd.cncf.notary.signature', emptyConfig: 'application/vnd.oci.empty.v1+json' }

const telling = [
  bundleMediaTypePrefix,
  'application/vnd.dev.cosign.',
  notation.artifactType,
  inTotoPayloadType,
  dsseMediaType,
  // What servers and older clients write for the artifact type: the media type of the config (cosign issues 4641, 4995).
  'application/vnd.oci.empty.',
  'application/vnd.oci.image.',
]

/**
 * Whether what a list of referrers says of an entry lets it be something signed. Lists are not to be believed, so that this says only
 * what is looked at first.
 */
export const mayBeSigned = (artifactType: string | undefined): boolean =>
  artifactType === undefined || telling.some(prefix => artifactType.startsWith(prefix))

/** The newest are last: clients append. */
export const newest = <T>(all: readonly T[], count: number): readonly T[] => (count <= 0 ? [] : all.slice(-count))

/** One entry of one or more lists of referrers. */
export interface Referrer<Kind> {
  readonly descriptor: Descriptor
  /** Of the lists that have it. */
  readonly kinds: readonly Kind[]
}

/**
 * The referrers to look at, each once: of each list at most `count`, the newest, and those first that may be something signed, however
 * many others crowd around them. `unread` counts what was left out.
 */
export const chooseReferrers = <Kind>(
  lists: readonly { readonly kind: Kind; readonly descriptors: readonly Descriptor[] }[],
  count: number,
): { readonly chosen: readonly Referrer<Kind>[]; readonly unread: ReadonlyMap<Kind, number> } => {
  const unique = lists.map(({ kind, descriptors }) => ({ kind, entries: new Map(descriptors.map(one => [one.digest, one])) }))
  const chosen = new Map<Digest, Descriptor>()
  for (const { entries } of unique) {
    const { true: maybe = [], false: others = [] } = Object.groupBy(entries.values(), ({ artifactType }) => `${mayBeSigned(artifactType)}`)
    const taken = newest(maybe, count)
    for (const one of [...taken, ...newest(others, count - taken.length)]) chosen.set(one.digest, chosen.get(one.digest) ?? one)
  }
  const kindsOf = (digest: Digest) => unique.flatMap(({ kind, entries }) => (entries.has(digest) ? [kind] : []))
  const left = ({ entries }: (typeof unique)[number]) => [...entries.keys()].filter(digest => !chosen.has(digest)).length
  return {
    chosen: [...chosen.values()].map(descriptor => ({ descriptor, kinds: kindsOf(descriptor.digest) })),
    unread: new Map(unique.map(list => [list.kind, left(list)])),
  }
}

export type ReferrerForm = 'cosignReferrer' | 'inTotoReferrer' | 'sigstoreBundle' | 'notation' | 'sbomAttachment' | 'unknown'

/** How the layers of a manifest that hangs on an image are to be read. */
export const formOf = ({ artifactType, config, layers }: ArtifactManifest): ReferrerForm => {
  const has = (test: (mediaType: string) => boolean) => layers.some(({ mediaType }) => test(mediaType))
  const is = (type: string) => artifactType === type || config.mediaType === type
  if (has(type => type.startsWith(bundleMediaTypePrefix))) return 'sigstoreBundle'
  // The older form has the type in its config alone; of the newer one notation wants an empty config, and passes over any other.
  if (artifactType === undefined && config.mediaType === notation.artifactType) return 'notation'
  if (artifactType === notation.artifactType && config.mediaType === notation.emptyConfig) return 'notation'
  if (is(cosignArtifact.sig) && has(type => type === simpleSigningMediaType)) return 'cosignReferrer'
  if (has(type => type === dsseMediaType)) return 'inTotoReferrer'
  return is(cosignArtifact.sbom) ? 'sbomAttachment' : 'unknown'
}

interface ArtifactManifest {
  readonly artifactType?: string
  readonly config: { readonly mediaType: string }
  readonly layers: readonly { readonly mediaType: string }[]
}

/** What the layers of a manifest of this form are, one by one; undefined: any. */
export const layerTypeOf = (form: 'cosign' | 'cosignAttestation' | ReferrerForm): string | undefined => {
  if (form === 'cosign' || form === 'cosignReferrer') return simpleSigningMediaType
  return form === 'inTotoReferrer' ? dsseMediaType : undefined
}
