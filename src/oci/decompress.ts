import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { gunzip } from './gunzip.ts'
import { corrupt } from './tar-numbers.ts'
import { unzstd } from './unzstd.ts'
import { isZstd } from './zstd-frame.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

/** What an unpacker of containerd 2.4 does with a layer of this media type (`core/images` DiffCompression). */
export type LayerHandling = 'sniff' | 'plain'

const docker = /^application\/vnd\.docker\.image\.rootfs\.(?:foreign\.)?diff\.tar(?:\.gzip|\.zstd)?$/
const oci = /^application\/vnd\.oci\.image\.layer\.(?:nondistributable\.)?v1\.tar(\+.*)?$/

/**
 * How a layer of `mediaType` is read: where the type promises compression, or says nothing of it, by its first bytes;
 * where it promises none, as it is.
 *
 * @throws PreflightError LAYER_UNSUPPORTED: encrypted, or no layer
 */
export const handlingOf = (mediaType: string): LayerHandling => {
  const [base = '', ...suffixes] = mediaType.split('+').slice(0, 51)
  if (suffixes.includes('encrypted')) {
    throw new PreflightError('LAYER_UNSUPPORTED', 'it is encrypted, and nodes have no key for it', {
      hint: 'Push the image without encryption.',
    })
  }
  if (docker.test(base)) return suffixes.length === 0 ? 'sniff' : 'plain'
  if (!oci.test(mediaType))
    throw new PreflightError('LAYER_UNSUPPORTED', `its media type "${printable(mediaType)}" is none that containerd unpacks`)
  return ['gzip', 'zstd'].includes(suffixes.sort().at(-1) ?? '') ? 'sniff' : 'plain'
}

/** containerd takes gzip only with the method deflate, and zstd also where a skippable frame comes first. */
export const compressionOf = (head: Buffer): Compression =>
  head.length >= 3 && head.readUIntBE(0, 3) === 0x1f8b08 ? 'gzip' : isZstd(head) ? 'zstd' : 'none'

/**
 * The uncompressed bytes of a layer in chunks. Ends only after the last byte of `source` was read.
 *
 * @throws PreflightError LAYER_CORRUPT, LAYER_UNSUPPORTED; whatever `source` throws
 */
export const decompress = async function* (source: AsyncIterator<Uint8Array>, handling: LayerHandling): AsyncGenerator<Buffer> {
  const head: Buffer[] = []
  let bytes = 0
  while (handling === 'sniff' && bytes < 10) {
    const next = await source.next()
    if (next.done === true) break
    head.push(bufferOf(next.value))
    bytes += next.value.length
  }
  const first = Buffer.concat(head)
  const all = prepend(first, source)
  const compression = handling === 'plain' ? 'none' : compressionOf(first)
  try {
    if (compression === 'gzip') yield* gunzip(all)
    else if (compression === 'zstd') yield* unzstd(all)
    else yield* all
  } catch (error) {
    throw error instanceof PreflightError ? error : corrupt(wordsOf(error, compression))
  }
}

const wordsOf = (error: unknown, compression: Compression): string => {
  const text = error instanceof Error ? error.message : String(error)
  return `its ${compression} data is damaged (${text})`
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const prepend = async function* (first: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield bufferOf(next.value)
}
