import { open } from 'node:fs/promises'
import { PreflightError } from '../errors.ts'
import { publicKeyFromPem } from '../policy/keys.ts'
import type { TrustedKey } from '../policy/policy.ts'
import { printable } from '../redact.ts'

const limitBytes = 64 * 1024

/**
 * The files given with `--key`, each read (at most 64 KiB) and checked; the same file or key given twice counts once.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, KEY_INVALID
 */
export const readKeys = async (files: readonly string[]): Promise<readonly TrustedKey[]> => {
  const keys = await Promise.all(files.map(async file => ({ name: file, pem: await readText(file) })))
  const fingerprints = keys.map(({ pem, name }) => publicKeyFromPem(pem, name).fingerprint)
  return keys.filter((_, index) => fingerprints.indexOf(fingerprints[index]!) === index)
}

const readText = async (file: string): Promise<string> => {
  const name = printable(file)
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file)
  } catch (cause) {
    const missing = codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR'
    if (missing) throw new PreflightError('FILE_NOT_FOUND', `--key ${name}: there is no such file.`, { cause })
    throw new PreflightError('FILE_UNREADABLE', `--key ${name}: the file cannot be opened (${codeOf(cause)}).`, { cause })
  }
  try {
    const buffer = Buffer.alloc(limitBytes + 1)
    const sizeBytes = await fill(handle, buffer)
    if (sizeBytes > limitBytes) {
      throw new PreflightError('FILE_TOO_LARGE', `--key ${name}: the file is larger than ${limitBytes / 1024} KiB.`, {
        hint: 'A public key is a few hundred bytes; was another file meant?',
      })
    }
    return buffer.subarray(0, sizeBytes).toString('utf8')
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    throw new PreflightError('FILE_UNREADABLE', `--key ${name}: the file cannot be read (${codeOf(cause)}).`, { cause })
  } finally {
    await handle.close()
  }
}

/** Reads until `buffer` is full or the file ends: a pipe (`--key <(…)`) has no size and comes in pieces. */
const fill = async (handle: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<number> => {
  let sizeBytes = 0
  while (sizeBytes < buffer.length) {
    const { bytesRead } = await handle.read(buffer, sizeBytes, buffer.length - sizeBytes)
    if (bytesRead === 0) break
    sizeBytes += bytesRead
  }
  return sizeBytes
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
