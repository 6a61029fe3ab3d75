import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import type { Descriptor } from './descriptor.ts'
import type { ImageIndex } from './manifest.ts'
import { isConfigType } from './media-types.ts'
import type { LocalReference } from './transport.ts'

/** image-spec 1.1 annotations.md: what names an image in the index.json of a layout. */
const nameAnnotation = 'org.opencontainers.image.ref.name'
/** What containerd names it by, as in the archives of air-gap bundles. */
const containerdName = 'io.containerd.image.name'
/** cosign 3.1 pkg/oci/layout/write.go: `cosign save` marks so what an entry is. */
const cosignKind = 'dev.cosignproject.cosign/'

/** What it marks so, by what stands behind the digest in the tag that it came from. */
const savedKinds: ReadonlyMap<string, string> = new Map([
  ['.sig', 'sigs'],
  ['.att', 'atts'],
])

const nameOf = ({ annotations }: Descriptor): string | undefined => annotations?.[nameAnnotation]

const kindOf = ({ annotations }: Descriptor): string | undefined => {
  const kind = annotations?.kind
  return kind?.startsWith(cosignKind) ? kind.slice(cosignKind.length) : undefined
}

/** Whether an entry hangs on another one, as far as it says so itself: signatures, attestations, lists of them. */
const isAttached = (entry: Descriptor): boolean => {
  const kind = kindOf(entry)
  if (kind !== undefined) return kind !== 'image' && kind !== 'imageIndex'
  if (entry.artifactType !== undefined && !isConfigType(entry.artifactType)) return true
  return /(?:^|:)sha(?:256|512)-[0-9a-f]{64,128}(?:\.\w+)?$/.test(nameOf(entry) ?? '')
}

/** The entries that may be what a reference without a name means. */
export const imagesIn = ({ manifests }: ImageIndex): readonly Descriptor[] => manifests.filter(entry => !isAttached(entry))

/**
 * The entry that `reference` names; without a name the only one of `images`.
 *
 * @throws PreflightError MANIFEST_NOT_FOUND with the names that are there
 */
export const entryFor = (
  reference: Pick<LocalReference, 'name' | 'number' | 'text'>,
  index: ImageIndex,
  images: readonly Descriptor[],
): Descriptor => {
  const { name, number, text } = reference
  const chosen = name === undefined ? images : index.manifests.filter(entry => nameOf(entry) === name)
  const entry = number === undefined ? chosen[0] : index.manifests[number]
  // The same image twice is one; two under one name contradict each other.
  if (entry !== undefined && (number !== undefined || new Set(chosen.map(({ digest }) => digest)).size === 1)) return entry
  const what =
    chosen.length > 1
      ? name === undefined
        ? `${printable(text)} holds ${chosen.length} images and none is named`
        : `${printable(text)}: ${chosen.length} images have this name`
      : `${printable(text)} has no such image`
  throw new PreflightError('MANIFEST_NOT_FOUND', `${what}.${namesIn(index)}`, {
    hint: 'Name one of its images behind a colon, or by its digest: oci:FOLDER@sha256:….',
  })
}

const namesIn = ({ manifests }: ImageIndex): string => {
  if (manifests.length === 0) return ' It holds no image at all.'
  const names = [...new Set(manifests.flatMap(entry => nameOf(entry) ?? []))]
  if (names.length === 0) return ' Its images have no names.'
  return ` It has ${names
    .slice(0, 10)
    .map(name => printable(name, 100))
    .join(', ')}${names.length > 10 ? ' and more' : ''}.`
}

/**
 * What stands under a registry's tag, where signatures are kept: an entry of this name, alone or behind a repository, or what
 * `cosign save` puts beside the one image that it saves.
 */
export const entryOfTag = (index: ImageIndex, tag: string): Descriptor | undefined => {
  const bears = (name: string | undefined) => name === tag || name?.endsWith(`:${tag}`) === true
  const named = index.manifests.findLast(entry => bears(nameOf(entry)) || bears(entry.annotations?.[containerdName]))
  if (named !== undefined) return named
  const saved = index.manifests.filter(entry => kindOf(entry)?.startsWith('image'))
  const kind = saved.length === 1 ? savedKinds.get(tag.replace(saved[0]!.digest.replace(':', '-'), '')) : undefined
  return kind === undefined ? undefined : index.manifests.findLast(entry => kindOf(entry) === kind)
}

export const entryOfDigest = ({ manifests }: ImageIndex, digest: Digest): Descriptor | undefined =>
  manifests.find(entry => entry.digest === digest)
