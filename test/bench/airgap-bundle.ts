import { randomFillSync } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { sha256 } from '../../src/digest.ts'
import { airgapYaml, containerdName, releaseArchive } from '../support/airgap.ts'
import { configText } from '../support/command.ts'
import type { BuiltImage } from '../support/image-builder.ts'
import { layoutFiles } from '../support/local-images.ts'
import { tar, tarHeader, zeroBlocks } from '../support/tar-writer.ts'

/** A file of an archive: its bytes, or how many that nobody can compress. */
type Content = Uint8Array | number
type Files = readonly (readonly [name: string, content: Content])[]

/** Longer than what gzip looks back, so that no repetition is found. */
const noise = Buffer.alloc(16 << 20)

const block = 512
const sizeOf = (content: Content): number => (typeof content === 'number' ? content : content.length)
const paddedBytes = (sizeBytes: number): number => Math.ceil(sizeBytes / block) * block
const archiveBytes = (files: Files): number => files.reduce((sum, [, content]) => sum + block + paddedBytes(sizeOf(content)), 2 * block)

function* pieces(content: Content): Generator<Uint8Array> {
  if (typeof content !== 'number') yield content
  else for (let left = content; left > 0; left -= noise.length) yield noise.subarray(0, Math.min(left, noise.length))
  const sizeBytes = sizeOf(content)
  if (sizeBytes % block > 0) yield Buffer.alloc(block - (sizeBytes % block))
}

function* archive(files: Files): Generator<Uint8Array> {
  for (const [name, content] of files) {
    yield tarHeader({ name }, sizeOf(content))
    yield* pieces(content)
  }
  yield zeroBlocks(2)
}

const blobsOf = (count: number, sizeBytes: number, folder: string): Files =>
  Array.from({ length: count }, (_, index) => {
    const hex = sha256(`${folder}${index}`).slice(7)
    return [folder === 'blobs' ? `blobs/sha256/${hex}` : `${folder}/${hex.slice(0, 2)}/${hex}/data`, Math.round(sizeBytes / count)] as const
  })

/**
 * Writes an air-gap bundle of this size: two fifths are images of the application, the rest those that a node imports, the plugins
 * among them.
 */
export const writeAirgapBundle = async (
  path: string,
  sizeBytes: number,
  plugins: readonly { readonly image: string; readonly built: BuiltImage }[],
) => {
  randomFillSync(noise)
  const layout = layoutFiles(...plugins.map(({ image, built }) => ({ image: built, more: containerdName(image) })))
  const own = [...layout].map(([name, bytes]) => [name, bytes] as const)
  const ownBytes = own.reduce((sum, [, bytes]) => sum + bytes.length, 0)
  // Sorted by name, as containerd and k0s write it: what says which images there are comes last.
  const images = [...own, ...blobsOf(120, Math.max(0, 0.6 * sizeBytes - ownBytes), 'blobs')].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const config = configText(...plugins.map(({ image }, index) => ({ name: `plugin-${index}`, image })))
  function* whole(): Generator<Uint8Array> {
    const before: Files = [
      ['airgap.yaml', Buffer.from(airgapYaml())],
      ['app.tar.gz', releaseArchive({ 'config.yaml': config })],
      ...blobsOf(200, 0.4 * sizeBytes, 'images/docker/registry/v2/blobs/sha256'),
    ]
    for (const [name, content] of before) {
      yield tarHeader({ name }, sizeOf(content))
      yield* pieces(content)
    }
    yield tarHeader({ name: 'embedded-cluster/images-amd64.tar' }, archiveBytes(images))
    yield* archive(images)
    yield* archive([['embedded-cluster/charts.tar.gz', gzipSync(tar([]))]])
  }
  await pipeline(Readable.from(whole()), createGzip({ level: 0, chunkSize: 1 << 20 }), createWriteStream(path, { highWaterMark: 4 << 20 }))
  return config
}
