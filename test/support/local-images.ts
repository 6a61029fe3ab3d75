import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Digest, sha256 } from '../../src/digest.ts'
import { isMalformed, readDescriptor } from '../../src/oci/descriptor.ts'
import { type JsonObject, parseGoJson } from '../../src/oci/go-json.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { parseLocalReference } from '../../src/oci/transport.ts'
import { createLocalImages } from '../../src/world/local-images.ts'
import { scratch } from './command.ts'
import type { Artifact } from './cosign.ts'
import { fakeRegistry } from './fake-registry.ts'
import type { BuiltImage } from './image-builder.ts'
import type { PushedImage } from './registry.ts'
import { type TarFile, tar } from './tar-writer.ts'

/** Files of a layout or archive by name. */
export type LocalFileMap = Map<string, Uint8Array>

export const refName = (name: string) => ({ annotations: { 'org.opencontainers.image.ref.name': name } })

export interface LayoutEntry {
  readonly image: PushedImage | Artifact
  /** More of its descriptor: annotations, a wrong size. */
  readonly more?: object
  /** Whether index.json lists it, default true. */
  readonly listed?: boolean
}

export const blobPath = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

/** An OCI layout (image-spec 1.1 image-layout.md). */
export const layoutFiles = (...entries: readonly LayoutEntry[]): LocalFileMap => {
  const files: LocalFileMap = new Map([['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')]])
  for (const { image } of entries) {
    for (const [digest, bytes] of image.blobs) files.set(blobPath(digest), bytes)
    files.set(blobPath(sha256(image.manifest.bytes)), image.manifest.bytes)
  }
  const manifests = entries
    .filter(({ listed = true }) => listed)
    .map(({ image: { manifest }, more }) => ({
      mediaType: manifest.mediaType,
      digest: sha256(manifest.bytes),
      size: manifest.bytes.length,
      ...more,
    }))
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })))
  return files
}

/** What `docker save` and the like write of an image of one platform. */
export const dockerFiles = (
  { blobs, manifest }: PushedImage,
  repoTags: readonly string[] | null = ['acme/plugin:v1'],
  layerName = (digest: Digest) => `${digest.slice(7)}.tar`,
): LocalFileMap => {
  const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString())
  const files: LocalFileMap = new Map([[`${config.digest.slice(7)}.json`, blobs.get(config.digest)!]])
  const names = layers.map(({ digest }: { digest: string }) => layerName(digest))
  for (const [index, { digest }] of layers.entries()) files.set(names[index], blobs.get(digest)!)
  files.set('manifest.json', Buffer.from(JSON.stringify([{ Config: `${config.digest.slice(7)}.json`, RepoTags: repoTags, Layers: names }])))
  return files
}

export const writeFiles = (folder: string, files: LocalFileMap): string => {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
  return folder
}

export const tarFiles = (files: LocalFileMap, more: readonly TarFile[] = []): Buffer =>
  tar([...[...files].map(([name, data]) => ({ name, data })), ...more])

/** The image's layer of this number; 0 is the first. */
export const layerDescriptor = ({ manifest }: BuiltImage, number: number): { mediaType: string; digest: Digest; sizeBytes: number } => {
  const { layers } = JSON.parse(Buffer.from(manifest.bytes).toString())
  const descriptor = readDescriptor(parseGoJson(JSON.stringify(layers[number])) as JsonObject)
  if (isMalformed(descriptor)) throw new Error('the image has no such layer')
  return descriptor
}

export const baseReference = parseReference('registry.example.com/acme/plugin:v9')

/** A folder, and images that are read from it or anywhere. */
export const localWorld = () => {
  const folder = scratch()
  const closing: (() => Promise<void>)[] = []
  return {
    folder,
    at: (name: string) => join(folder.path, name),
    open(text: string, signal = new AbortController().signal) {
      const images = createLocalImages(signal)
      const registry = fakeRegistry()
      const client = images.before(registry)
      closing.push(() => client.close())
      const local = parseLocalReference(text)
      return { root: () => images.root(local), client, image: { ...baseReference, local }, registry }
    },
    async close() {
      await Promise.all(closing.map(close => close()))
      folder.remove()
    },
  }
}
