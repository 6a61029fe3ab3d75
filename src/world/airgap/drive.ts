import type { FileHandle } from 'node:fs/promises'
import { PreflightError } from '../../errors.ts'
import type { TarReader } from '../../oci/tar-reader.ts'
import { printable } from '../../redact.ts'
import { damaged, readRange } from '../local-files.ts'

const chunkBytes = 64 * 1024

/** Where an uncompressed archive lies in a file. */
export interface Range {
  readonly offset: number
  readonly sizeBytes: number
}

/** Has `reader` read the archive in this part of a file, passing over what nobody wants. */
export const driveFile = async (
  reader: TarReader,
  handle: FileHandle,
  { offset, sizeBytes }: Range,
  what: string,
  signal: AbortSignal,
): Promise<void> => {
  for (let at = 0; at < sizeBytes; ) {
    const skipped = Math.min(reader.unwanted(), sizeBytes - at)
    reader.skip(skipped)
    at += skipped
    const length = Math.min(chunkBytes, sizeBytes - at)
    if (length === 0) break
    for await (const chunk of readRange(handle, offset + at, length, what, signal)) reader.write(chunk)
    at += length
  }
  reader.end()
}

/** @returns why what a reader said is no archive, as the end of a sentence; undefined of anything else */
export const faultIn = (error: unknown): string | undefined =>
  error instanceof PreflightError && error.code.startsWith('LAYER_')
    ? `it is not a whole tar archive (${printable(error.message)})`
    : undefined

/** What cannot be read as an archive is damaged; all else goes on as it is. */
export const asDamage = (what: string, error: unknown): unknown => {
  const fault = faultIn(error)
  return fault === undefined ? error : damaged(what, fault, error)
}
