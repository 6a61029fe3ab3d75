import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { sha256 } from '../../src/digest.ts'
import { elf } from '../support/elf-writer.ts'
import { type BuiltImage, buildImage, pluginBinary } from '../support/image-builder.ts'
import { eStargzLayer, tableImage } from '../support/tables-of-contents.ts'
import { type TarFile, tarEntry, tarHeader, zeroBlocks } from '../support/tar-writer.ts'
import { generator, programBytes } from './content.ts'

const mib = 1 << 20

export const pluginName = (index: number): string => `velero-plugin-${String(index).padStart(2, '0')}`

/**
 * A plugin image of the usual size, as the Dockerfile of Velero's example makes it: a base of some 31 MiB in about a thousand
 * files, a layer with a plugin of 20 MiB, a layer with the program that copies it. `scale` makes the first two smaller.
 */
export const benchImage = (index: number, scale: number): BuiltImage => buildImage({ ...runAs(index), layers: layersOf(index, scale) })

/** The same files in layers that say what they hold (eStargz). */
export const stargzImage = (index: number, scale: number): BuiltImage =>
  tableImage(
    layersOf(index, scale).map(files => eStargzLayer(files)),
    runAs(index),
  )

const runAs = (index: number) => ({
  entrypoint: ['cp-plugin', `/plugins/${pluginName(index)}`, `/target/${pluginName(index)}`],
  user: '65532:65532',
})

const layersOf = (index: number, scale: number): readonly (readonly TarFile[])[] => {
  const name = pluginName(index)
  const tail = programBytes(Math.round(20 * mib * scale), 1000 + index)
  return [
    [{ name: 'usr/' }, { name: 'usr/lib/' }, ...baseFiles(index, Math.round(31 * mib * scale))],
    [
      { name: 'plugins/' },
      { name: `plugins/${name}`, mode: 0o755, data: Buffer.concat([pluginBinary({ name, framework: 'v1.16.0' }, 'amd64'), tail]) },
    ],
    [{ name: 'bin/' }, copier],
  ]
}

/**
 * The same image, its program named by its whole path: only then can nothing in the base come before it, so that the answer is
 * proven by the layers above the base.
 */
export const withWholePath = ({ blobs, manifest, platform }: BuiltImage): BuiltImage => {
  const document = JSON.parse(Buffer.from(manifest.bytes).toString()) as { config: { digest: string; size: number } }
  const config = JSON.parse(Buffer.from(blobs.get(document.config.digest)!).toString()) as { config: { Entrypoint: string[] } }
  const [program, ...rest] = config.config.Entrypoint
  const changed = Buffer.from(JSON.stringify({ ...config, config: { ...config.config, Entrypoint: [`/bin/${program}`, ...rest] } }))
  const descriptor = { ...document.config, digest: sha256(changed), size: changed.length }
  const bytes = Buffer.from(JSON.stringify({ ...document, config: descriptor }))
  const others = [...blobs].filter(([digest]) => digest !== document.config.digest)
  return { blobs: new Map([...others, [sha256(changed), changed]]), manifest: { ...manifest, digest: sha256(bytes), bytes }, platform }
}

const copier: TarFile = { name: 'bin/cp-plugin', mode: 0o755, data: elf() }

/** Files of a few bytes to a few MiB, most of them small. */
const baseFiles = (index: number, sizeBytes: number): readonly TarFile[] => {
  const next = generator(index + 1)
  const content = programBytes(sizeBytes, index + 1)
  const files: TarFile[] = []
  for (let at = 0; at < sizeBytes; ) {
    const large = next() % 50 === 0
    const length = Math.min(sizeBytes - at, 1 + (next() % (large ? mib : 24 * 1024)))
    files.push({ name: `usr/lib/file-${files.length}`, data: content.subarray(at, at + length) })
    at += length
  }
  return files
}

export interface LargeLayer {
  readonly image: BuiltImage
  /** Where the layer lies, for it does not fit into `image.blobs`. */
  readonly file: string
  readonly digest: string
  readonly rawBytes: number
}

/** A plugin image with one more layer, of so many bytes uncompressed, written into `folder` piece by piece. */
export const largeLayerImage = async (name: string, sizeBytes: number, folder: string): Promise<LargeLayer> => {
  const file = join(folder, `${name}.tar.gz`)
  const { digest, diffId, compressedBytes, rawBytes } = await writeLargeLayer(file, sizeBytes)
  const small = pluginLayers(name)
  const layer = { mediaType: gzipLayer, digest, size: compressedBytes }
  const own = JSON.parse(Buffer.from(small.manifest.bytes).toString()) as { layers: object[]; config: { digest: string } }
  const config = JSON.parse(Buffer.from(small.blobs.get(own.config.digest as never)!).toString()) as { rootfs: { diff_ids: string[] } }
  const image = pluginLayers(name, {
    config: { rootfs: { type: 'layers', diff_ids: [...config.rootfs.diff_ids, diffId] } },
    manifest: { layers: [...own.layers, layer] },
  })
  return { image, file, digest, rawBytes }
}

const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'

const pluginLayers = (name: string, more: { readonly config?: object; readonly manifest?: object } = {}): BuiltImage =>
  buildImage({
    entrypoint: ['cp-plugin', `/plugins/${name}`, `/target/${name}`],
    user: '65532:65532',
    layers: [
      [{ name: 'bin/' }, copier],
      [{ name: 'plugins/' }, { name: `plugins/${name}`, mode: 0o755, data: pluginBinary({ name, framework: 'v1.16.0' }, 'amd64') }],
    ],
    ...more,
  })

/** Files of at most 8 MiB of the same bytes: further apart than gzip looks, so that it finds no use in that. */
const writeLargeLayer = async (file: string, sizeBytes: number) => {
  const pieceBytes = Math.min(8 * mib, sizeBytes)
  const piece = programBytes(pieceBytes, 7)
  const [raw, compressed] = [createHash('sha256'), createHash('sha256')]
  const gzip = createGzip({ level: 1 })
  const out = createWriteStream(file)
  let compressedBytes = 0
  let rawBytes = 0
  gzip.on('data', (chunk: Buffer) => {
    compressed.update(chunk)
    compressedBytes += chunk.length
  })
  gzip.pipe(out)
  const write = async (bytes: Buffer): Promise<void> => {
    raw.update(bytes)
    rawBytes += bytes.length
    if (!gzip.write(bytes)) await once(gzip, 'drain')
  }
  await write(tarEntry({ name: 'usr/' }))
  for (let index = 0; index * pieceBytes < sizeBytes; index++) {
    await write(tarHeader({ name: `usr/large-${index}` }, pieceBytes))
    await write(piece)
    await write(Buffer.alloc((512 - (pieceBytes % 512)) % 512))
  }
  await write(zeroBlocks(2))
  gzip.end()
  await once(out, 'finish')
  return { digest: `sha256:${compressed.digest('hex')}`, diffId: `sha256:${raw.digest('hex')}`, compressedBytes, rawBytes }
}
