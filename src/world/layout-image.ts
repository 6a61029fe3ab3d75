import { type Digest, isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { parseGoJson } from '../oci/go-json.ts'
import { hasField, isObject, textField } from '../oci/go-struct.ts'
import { entryFor, entryOfDigest, entryOfTag, imagesIn } from '../oci/layout-index.ts'
import { type ImageIndex, type Manifest, parseManifest } from '../oci/manifest.ts'
import { mediaTypes } from '../oci/media-types.ts'
import type { LocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import { damaged, type LocalFiles, readWhole } from './local-files.ts'
import { type LocalImage, verified, verifiedManifest } from './local-image.ts'
import type { ServedManifest } from './world.ts'

/** As registries take it. */
const maxManifestBytes = 4 << 20
/** What hangs on an image is found by reading; signatures' manifests are far smaller. */
const maxAttachedBytes = 256 << 10
const maxAttached = 1000

const pathOf = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

/** An image of an OCI layout (image-spec 1.1 image-layout.md), folder or archive. */
export const layoutImage = (reference: LocalReference, files: LocalFiles): LocalImage => {
  const what = printable(`${reference.transport}:${reference.path}`)
  const once = <T>(make: () => Promise<T>) => {
    let made: Promise<T> | undefined
    return () => {
      made ??= make()
      return made
    }
  }
  const index = once(() => readIndex(files, what))
  const byDescriptor = async (entry: Descriptor): Promise<ServedManifest> =>
    verifiedManifest(await files.find(pathOf(entry.digest)), entry, what, maxManifestBytes)

  /** A child of an index stands in no list here that says its type: it says so itself. */
  const byDigest = async (digest: Digest): Promise<ServedManifest> => {
    const entry = entryOfDigest(await index(), digest)
    if (entry !== undefined) return byDescriptor(entry)
    const file = await files.find(pathOf(digest))
    const served = await verifiedManifest(file, { digest, mediaType: '', sizeBytes: file?.sizeBytes ?? 0 }, what, maxManifestBytes)
    return { ...served, mediaType: ownType(served.bytes) ?? mediaTypes.ociManifest }
  }

  const attached = once(async () => attachedIn(files, await index(), what))

  return {
    async root() {
      const { digest, name, number } = reference
      if (digest !== undefined) return byDigest(digest)
      const all = await index()
      const images = imagesIn(all)
      // What hangs on another image may be listed without saying so.
      const hanging =
        name === undefined && number === undefined && images.length > 1
          ? new Set((await attached()).map(one => one.entry.digest))
          : undefined
      return byDescriptor(entryFor(reference, all, hanging === undefined ? images : images.filter(entry => !hanging.has(entry.digest))))
    },
    async manifest(wanted) {
      if (isDigest(wanted)) return byDigest(wanted)
      const entry = entryOfTag(await index(), wanted)
      if (entry !== undefined) return byDescriptor(entry)
      throw new PreflightError('MANIFEST_NOT_FOUND', `${what} has nothing under the name ${printable(wanted)}.`)
    },
    async *blob(descriptor) {
      yield* verified(await files.find(pathOf(descriptor.digest)), descriptor, what)
    },
    async referrers(subject) {
      return { descriptors: (await attached()).flatMap(one => (one.subject === subject ? [one.entry] : [])) }
    },
  }
}

const readIndex = async (files: LocalFiles, what: string): Promise<ImageIndex> => {
  const file = await files.find('index.json')
  if (file === undefined) {
    const docker = (await files.find('manifest.json')) !== undefined
    throw damaged(
      what,
      docker
        ? 'it has no index.json; it looks like a docker archive (docker-archive:FILE)'
        : 'it has no index.json, so it is no OCI layout',
    )
  }
  await checkVersion(files, what)
  const bytes = await readWhole(file, maxManifestBytes, `index.json in ${what}`)
  try {
    const index = parseManifest(bytes, mediaTypes.ociIndex)
    if (index.kind === 'index') return index
  } catch (error) {
    if (error instanceof PreflightError) throw damaged(`index.json in ${what}`, printable(error.message.replace(/\.$/, ''), 300), error)
    throw error
  }
  throw damaged(`index.json in ${what}`, 'it is no index')
}

/** skopeo reads layouts without this file; one that says another version is something else. */
const checkVersion = async (files: LocalFiles, what: string): Promise<void> => {
  const file = await files.find('oci-layout')
  if (file === undefined) return
  const document = jsonOf(await readWhole(file, 64 << 10, `oci-layout in ${what}`))
  const version = document === undefined ? undefined : textOr(() => textField(document, 'imageLayoutVersion'))
  if (version === undefined || !/^1\.\d+\.\d+$/.test(version))
    throw damaged(
      `oci-layout in ${what}`,
      version === undefined ? 'it is not the JSON that it should be' : `it says version "${printable(version, 40)}", and only 1 is known`,
    )
}

/** Everything that names a subject: what index.json lists, and blobs that it does not (`cosign save` leaves bundles so). */
const attachedIn = async (
  files: LocalFiles,
  index: ImageIndex,
  what: string,
): Promise<readonly { entry: Descriptor; subject: Digest }[]> => {
  const listed = new Set(index.manifests.map(({ digest }) => digest))
  const names = await files.list('blobs/sha256', maxAttached + 1)
  const unlisted = names.map(name => `sha256:${name}`).filter(digest => isDigest(digest) && !listed.has(digest))
  if (listed.size + unlisted.length > maxAttached)
    throw damaged(what, `it has more than ${maxAttached} blobs, too many to look for signatures in all of them`)
  const found: { entry: Descriptor; subject: Digest }[] = []
  for (const digest of [...listed, ...unlisted.toSorted()]) {
    const file = await files.find(pathOf(digest))
    if (file === undefined || file.sizeBytes > maxAttachedBytes || file.sizeBytes === 0) continue
    const bytes = await readWhole(file, maxAttachedBytes, `${digest} in ${what}`)
    const manifest = manifestIn(bytes)
    if (manifest?.subject === undefined) continue
    const { mediaType, subject, annotations } = manifest
    const artifactType = manifest.artifactType ?? (manifest.kind === 'manifest' ? manifest.config.mediaType : undefined)
    const entry = { mediaType, digest, sizeBytes: bytes.length, ...(artifactType && { artifactType }), ...(annotations && { annotations }) }
    found.push({ entry, subject: subject.digest })
  }
  return found
}

/** The manifest in a blob that may be anything. */
const manifestIn = (bytes: Uint8Array): Manifest | undefined => {
  if (bytes[0] !== 0x7b) return undefined
  const type = ownType(bytes)
  try {
    return type === undefined ? undefined : parseManifest(bytes, type)
  } catch {
    return undefined
  }
}

const ownType = (bytes: Uint8Array): string | undefined => {
  const document = jsonOf(bytes)
  if (document === undefined) return undefined
  const own = textOr(() => textField(document, 'mediaType'))
  if (own !== undefined && own !== '') return own
  if (hasField(document, 'manifests')) return mediaTypes.ociIndex
  return hasField(document, 'layers') ? mediaTypes.ociManifest : undefined
}

const jsonOf = (bytes: Uint8Array) => {
  const document = textOr(() => parseGoJson(bytes))
  return document !== undefined && isObject(document) ? document : undefined
}

const textOr = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
