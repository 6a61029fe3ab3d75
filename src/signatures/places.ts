import type { Digest } from '../digest.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { simpleSigningMediaType } from './simple-signing.ts'
import { bundleMediaTypePrefix } from './verify-bundle.ts'

/** cosign 3.1 pkg/oci/remote/remote.go `SignatureTag`: the digest with `-` for `:`. */
export const signatureTag = (digest: Digest): string => `${digest.replace(':', '-')}.sig`

/** distribution-spec 1.1 "Referrers Tag Schema". */
export const referrersTag = (digest: Digest): string => {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`
}

/** Artifact type of cosign's "experimental OCI 1.1" signatures: a `.sig` manifest as a referrer. */
const cosignReferrerType = 'application/vnd.dev.cosign.artifact.sig.v1+json'

/**
 * Whether what a list of referrers shows of an entry may be a signature. Lists are not to be believed: servers and older clients
 * write the config's media type for the artifact type, or nothing (cosign issues 4641, 4995), so only a type of something else is passed over.
 */
export const mayBeSignature = (artifactType: string | undefined): boolean =>
  artifactType === undefined ||
  artifactType.startsWith(bundleMediaTypePrefix) ||
  artifactType.startsWith('application/vnd.dev.cosign.') ||
  artifactType.startsWith('application/vnd.oci.empty.') ||
  artifactType.startsWith('application/vnd.oci.image.')

/** The newest are last: clients append. */
export const newest = <T>(all: readonly T[], count: number): readonly T[] => all.slice(-count)

/** One entry of one or more lists of referrers. */
export interface Referrer<Kind> {
  readonly descriptor: Descriptor
  /** Of the lists that have it. */
  readonly kinds: readonly Kind[]
}

/**
 * The referrers to look at: of each list the newest `count` that may be signatures, however many others crowd around them, and as
 * many others, to be named; each once. `unread` counts what may be a signature and was left out.
 */
export const chooseReferrers = <Kind>(
  lists: readonly { readonly kind: Kind; readonly descriptors: readonly Descriptor[] }[],
  count: number,
): { readonly chosen: readonly Referrer<Kind>[]; readonly unread: ReadonlyMap<Kind, number> } => {
  const chosen = new Map<Digest, Referrer<Kind>>()
  const unread = new Map<Kind, number>()
  for (const { kind, descriptors } of lists) {
    const { true: maybe = [], false: others = [] } = Object.groupBy(descriptors, ({ artifactType }) => `${mayBeSignature(artifactType)}`)
    unread.set(kind, Math.max(0, maybe.length - count))
    for (const descriptor of [...newest(maybe, count), ...newest(others, count)]) {
      const known = chosen.get(descriptor.digest)
      const kinds = [...(known?.kinds ?? []).filter(other => other !== kind), kind]
      // Where the lists disagree, the one that lets it be a signature decides that it is looked at.
      const telling = known !== undefined && mayBeSignature(known.descriptor.artifactType) ? known.descriptor : descriptor
      chosen.set(descriptor.digest, { descriptor: telling, kinds })
    }
  }
  return { chosen: [...chosen.values()], unread }
}

/** How the layers of a manifest that hangs on an image are to be read. */
export const formOf = ({ artifactType, config, layers }: ArtifactManifest): 'cosignReferrer' | 'sigstoreBundle' | 'unknown' => {
  if (layers.some(({ mediaType }) => mediaType.startsWith(bundleMediaTypePrefix))) return 'sigstoreBundle'
  const cosign = artifactType === cosignReferrerType || config.mediaType === cosignReferrerType
  return cosign && layers.some(({ mediaType }) => mediaType === simpleSigningMediaType) ? 'cosignReferrer' : 'unknown'
}

interface ArtifactManifest {
  readonly artifactType?: string
  readonly config: { readonly mediaType: string }
  readonly layers: readonly { readonly mediaType: string }[]
}
