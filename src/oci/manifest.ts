import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { type Descriptor, isMalformed, type MalformedDescriptor, readDescriptor } from './descriptor.ts'
import { type JsonObject, parseGoJson } from './go-json.ts'
import { asObject, hasField, isObject, listField, objectField, textField, textMapField } from './go-struct.ts'
import { isConfigType, isIndexType, isLayerType, isManifestType, isSchema1Type } from './media-types.ts'

export type { Descriptor, DescriptorPlatform } from './descriptor.ts'

interface Common {
  /** As it was served, not as the document says. */
  readonly mediaType: string
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** OCI image index or Docker manifest list. */
export interface ImageIndex extends Common {
  readonly kind: 'index'
  /** The children that can be fetched. */
  readonly manifests: readonly Descriptor[]
  /** All children in their order: those that cannot be fetched too, for a node could choose one. */
  readonly entries: readonly (Descriptor | MalformedDescriptor)[]
}

/** OCI or Docker image manifest; also the form of signatures and other artifacts. */
export interface ImageManifest extends Common {
  readonly kind: 'manifest'
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

export type Manifest = ImageIndex | ImageManifest

/** containerd 2.4 core/images/handlers.go `maxReferences`. */
const maxEntries = 10_000

/**
 * Reads a manifest or index as containerd 2.4 does (core/images/image.go), with what it refuses refused.
 *
 * @param mediaType Content-Type without parameters, or that of the descriptor that led here
 * @throws PreflightError MANIFEST_INVALID, MANIFEST_UNSUPPORTED
 */
export const parseManifest = (bytes: Uint8Array, mediaType: string): Manifest => {
  if (isSchema1Type(mediaType)) throw schema1(mediaType)
  const document = readDocument(bytes, mediaType)
  if (hasField(document, 'fsLayers')) throw schema1(mediaType)
  if (isIndexType(mediaType)) return readOr(() => readIndex(document, mediaType))
  if (isManifestType(mediaType)) return readOr(() => readImage(document, mediaType))
  const looksLike = hasField(document, 'manifests')
    ? ', although it looks like an image index'
    : ', although it looks like an image manifest'
  throw new PreflightError(
    'MANIFEST_UNSUPPORTED',
    `The manifest is served with the content type "${printable(mediaType)}"${hasField(document, 'manifests') || hasField(document, 'config') ? looksLike : ''}; containerd does not pull that.`,
    { hint: 'Push the image again, or correct the Content-Type that the registry or a proxy before it sends.' },
  )
}

/** The layers that containerd unpacks. */
export const unpackedLayers = ({ layers }: ImageManifest): readonly Descriptor[] => layers.filter(({ mediaType }) => isLayerType(mediaType))

/** @throws PreflightError MANIFEST_UNSUPPORTED for what is stored like an image and is none: a Helm chart, a signature, an SBOM */
export const requireImage = (manifest: ImageManifest): ImageManifest => {
  if (isConfigType(manifest.config.mediaType)) return manifest
  const type = manifest.config.mediaType
  const what = type.startsWith('application/vnd.cncf.helm.')
    ? 'a Helm chart'
    : `an artifact (${printable(manifest.artifactType ?? (type || 'its config has no type'))})`
  throw new PreflightError('MANIFEST_UNSUPPORTED', `It is not a container image but ${what}.`, {
    hint: 'Check the repository and the tag: a plugin is an image that was built from a Dockerfile or the like.',
  })
}

const readDocument = (bytes: Uint8Array, mediaType: string): JsonObject => {
  const html = /^\s*<(?:!doctype|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 200)))
  if (html) throw invalid(`it is an HTML page (content type "${printable(mediaType)}")`)
  return readOr(() => {
    const document = parseGoJson(bytes)
    if (!isObject(document)) throw invalid('it is not a JSON object')
    return document
  })
}

const readIndex = (document: JsonObject, mediaType: string): ImageIndex => {
  const own = textField(document, 'mediaType')
  // Else what one client takes for an index is an image to another (CVE-2021-41190).
  if (hasField(document, 'config') || hasField(document, 'layers')) throw invalid('it is an index and an image manifest at once')
  if (own !== '' && !isIndexType(own)) throw contradiction(own, mediaType)
  const entries = listField(document, 'manifests', (item, name) => readDescriptor(asObject(item, name)))
  if (entries.length > maxEntries) throw invalid(`the index has ${entries.length} entries; containerd takes at most ${maxEntries}`)
  return {
    kind: 'index',
    ...common(document, mediaType),
    entries,
    manifests: entries.filter((entry): entry is Descriptor => !isMalformed(entry)),
  }
}

const readImage = (document: JsonObject, mediaType: string): ImageManifest => {
  const own = textField(document, 'mediaType')
  if (hasField(document, 'manifests')) throw invalid('it is an image manifest and an index at once')
  if (own !== '' && !isManifestType(own)) throw contradiction(own, mediaType)
  const config = objectField(document, 'config')
  if (config === undefined) throw invalid('it has no config')
  const layers = listField(document, 'layers', (item, name) => wellFormed(asObject(item, name), name))
  if (layers.length >= maxEntries) throw invalid(`it has ${layers.length} layers; containerd takes at most ${maxEntries - 1}`)
  return { kind: 'manifest', ...common(document, mediaType), config: wellFormed(config, 'config'), layers }
}

const common = (document: JsonObject, mediaType: string): Common => {
  const artifactType = textField(document, 'artifactType')
  const subject = objectField(document, 'subject')
  const annotations = textMapField(document, 'annotations')
  return {
    mediaType,
    ...(artifactType === '' ? {} : { artifactType }),
    ...(subject && { subject: wellFormed(subject, 'subject') }),
    ...(annotations && { annotations }),
  }
}

const wellFormed = (object: JsonObject, name: string): Descriptor => {
  const descriptor = readDescriptor(object)
  if (isMalformed(descriptor)) throw invalid(`${name}: ${descriptor.fault}`)
  return descriptor
}

/** What the JSON readers throw becomes MANIFEST_INVALID. */
const readOr = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof PreflightError) throw error
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
}

const invalid = (what: string, cause?: unknown): PreflightError =>
  new PreflightError('MANIFEST_INVALID', `The manifest is not valid: ${what}.`, {
    hint: 'Push the image again with a current tool.',
    cause,
  })

const contradiction = (own: string, served: string): PreflightError =>
  invalid(`it says of itself "${printable(own)}" but is served as "${served}"`)

const schema1 = (mediaType: string): PreflightError =>
  new PreflightError(
    'MANIFEST_UNSUPPORTED',
    `The image has a Docker schema 1 manifest (content type "${printable(mediaType)}"), which containerd dropped in 2.0.`,
    {
      hint: 'Build and push the image again with a current tool.',
    },
  )
