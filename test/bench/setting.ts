import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../src/digest.ts'
import { cosignBundle, newSigner, type Signer } from '../support/cosign.ts'
import type { BuiltImage } from '../support/image-builder.ts'
import { benchImage, largeLayerImage, pluginName, stargzImage, withWholePath } from './images.ts'
import type { BenchOptions } from './options.ts'
import { temporaryFolder } from './processes.ts'
import { type Product, packedProduct } from './programs.ts'
import { type Link, type Registry, startFilledRegistry, startLink } from './servers.ts'
import { blobFile, keepImage, type Listed } from './store.ts'

/** All that rows measure with. Every image has the tag v1. */
export interface Setting {
  readonly options: BenchOptions
  readonly product: Product
  /** A place for files, and the home of other programs: no logins, no caches. */
  readonly folder: string
  readonly registry: Registry
  /** The same registry over the long link. */
  readonly far: Link
  /** And over a link that only counts. */
  readonly near: Link
  /** Repositories. */
  readonly ten: readonly string[]
  /** The same images, of which the base need not be read: see {@link withWholePath}. */
  readonly stopping: readonly string[]
  /** The same files in layers with tables of contents. */
  readonly stargz: readonly string[]
  readonly hundred: readonly string[]
  readonly small: LayerRepository
  readonly large: LayerRepository
  /** Of the ten images, as served. */
  readonly imagesBytes: number
  /** cosign.pub */
  readonly key: string
}

export interface LayerRepository {
  readonly repository: string
  /** The layer itself, compressed. */
  readonly file: string
  readonly rawBytes: number
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** Builds and pushes all images, and starts everything that is not measured. */
export const prepare = async (options: BenchOptions): Promise<Setting> => {
  const folder = temporaryFolder()
  const blobs = join(folder, 'blobs')
  mkdirSync(blobs)
  const signer = newSigner()
  const key = join(folder, 'cosign.pub')
  writeFileSync(key, signer.publicPem)
  say('building images')
  const built = Array.from({ length: 10 }, (_, index) => benchImage(index, options.scale))
  const made = built.map((image, index) => signedImage(blobs, `acme/${pluginName(index)}`, image, signer))
  const stopping = built.map((image, index) => signedImage(blobs, `stop/${pluginName(index)}`, withWholePath(image), signer))
  const stargz = built.map((_, index) => keepImage(blobs, `stargz/${pluginName(index)}`, 'v1', stargzImage(index, options.scale)))
  const copies = Array.from({ length: 100 }, (_, index) => copyOf(made[index % 10]!.image, `many/${pluginName(index)}`))
  const small = await layerRepository(folder, blobs, 'velero-plugin-small', 10 << 20)
  const large = await layerRepository(folder, blobs, 'velero-plugin-large', Math.round(2 ** 30 * options.scale))
  say('filling the registry')
  const all = [
    ...[...made, ...stopping].flatMap(({ image, signature }) => [image, ...signature]),
    ...stargz,
    ...copies,
    small.listed,
    large.listed,
  ]
  const registry = await startFilledRegistry(folder, blobs, all)
  return {
    options,
    product: packedProduct(),
    folder,
    registry,
    far: await startLink(registry.host, options.delayMs),
    near: await startLink(registry.host, 0),
    ten: made.map(({ image }) => image.repository),
    stopping: stopping.map(({ image }) => image.repository),
    stargz: stargz.map(({ repository }) => repository),
    hundred: copies.map(({ repository }) => repository),
    small,
    large,
    imagesBytes: made.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    key,
  }
}

const copyOf = (image: Listed, repository: string): Listed => ({ ...image, repository, mountFrom: image.repository })

/** An image with its signature as cosign stores it where there is no referrers API: in an index at a tag. */
const signedImage = (blobs: string, repository: string, built: BuiltImage, signer: Signer) => {
  const signature = cosignBundle(built.manifest, signer)
  const list = { blobs: new Map(), manifest: indexOfReferrers([signature.manifest]) }
  return {
    image: keepImage(blobs, repository, 'v1', built),
    signature: [
      keepImage(blobs, repository, signature.manifest.digest, signature),
      keepImage(blobs, repository, built.manifest.digest.replace(':', '-'), list),
    ],
    sizeBytes: [...built.blobs.values()].reduce((sum, { length }) => sum + length, 0),
  }
}

/** The list of bundles that hang on an image, where there is no referrers API. */
export const indexOfReferrers = (bundles: readonly BuiltImage['manifest'][]): BuiltImage['manifest'] => {
  const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
  const indexType = 'application/vnd.oci.image.index.v1+json'
  const manifests = bundles.map(({ mediaType, digest, bytes }) => ({ mediaType, digest, size: bytes.length, artifactType }))
  const text = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
  return { digest: sha256(text), mediaType: indexType, bytes: text }
}

const layerRepository = async (
  folder: string,
  blobs: string,
  name: string,
  sizeBytes: number,
): Promise<LayerRepository & { readonly listed: Listed }> => {
  const { image, file, digest, rawBytes } = await largeLayerImage(name, sizeBytes, folder)
  renameSync(file, blobFile(blobs, digest))
  const repository = `acme/${name}`
  return { repository, file: blobFile(blobs, digest), rawBytes, listed: keepImage(blobs, repository, 'v1', image, [digest]) }
}
