import { open, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../bundle/make-folder.ts'
import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { RegistryClient, ScannedImage } from './world.ts'

/** More than any image that a node pulls in time. */
const limitBytes = 16 * 2 ** 30

/**
 * Lays one image out as a folder (OCI image-spec 1.1 image-layout.md), its bytes checked on the way: a scanner that reads it needs no
 * login, and cannot look at another image than the one that was asked for.
 *
 * @throws PreflightError SCANNER_FAILED, and what the registry's client throws
 */
export const layOut = async (folder: string, { image, as, manifest, blobs }: ScannedImage, registry: RegistryClient): Promise<void> => {
  const { digest, mediaType, bytes } = manifest
  const sizeBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0)
  if (sizeBytes > limitBytes)
    throw new PreflightError('SCANNER_FAILED', `The image has ${sizeBytes} bytes, more than are laid out for a scanner (${limitBytes}).`)
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size: bytes.length }] }
  try {
    await write(folder, digest, [bytes])
    for (const blob of new Map(blobs.map(one => [one.digest, one])).values())
      await write(folder, blob.digest, registry.blob(image, blob, as))
    await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }), { mode })
    await writeFile(join(folder, 'index.json'), JSON.stringify(index), { mode })
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PreflightError('SCANNER_FAILED', `The image could not be laid out in ${folder}: ${why}.`, {
      cause,
      hint: `It needs ${sizeBytes} bytes of disk for as long as the scan takes; TMPDIR says where.`,
    })
  }
}

/** Of the owner alone: the image may be private. */
const mode = 0o600

const write = async (folder: string, digest: Digest, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> => {
  const path = join(folder, 'blobs', ...digest.split(':'))
  await makeFolder(dirname(path), 0o700)
  const file = await open(path, 'wx', mode)
  try {
    for await (const piece of content) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}
