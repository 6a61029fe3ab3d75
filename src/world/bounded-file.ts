import { type FileHandle, open } from 'node:fs/promises'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'

/**
 * A file given on the command line, whole; also a pipe (`--secrets <(kubectl …)`), which has no size and comes in pieces.
 *
 * @param flag that gave it, for messages
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE
 */
export const readBounded = async (path: string, limitBytes: number, flag: string): Promise<Uint8Array> => {
  try {
    const file = await open(path)
    try {
      const bytes = await readUpTo(file, limitBytes)
      if (bytes !== undefined) return bytes
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw fileFailure(path, flag, cause)
  }
  throw new PreflightError(
    'FILE_TOO_LARGE',
    `${flag} ${printable(path)}: the file is larger than ${limitBytes < 1 << 20 ? `${limitBytes >> 10} KiB` : `${limitBytes / (1 << 20)} MiB`}.`,
    {
      hint: 'Was another file meant?',
    },
  )
}

/** Undefined when there is more. */
const readUpTo = async (file: FileHandle, limitBytes: number): Promise<Uint8Array | undefined> => {
  const pieces: Uint8Array[] = []
  for (let sizeBytes = 0; sizeBytes <= limitBytes; ) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(Math.min(1 << 18, limitBytes + 1)) })
    if (bytesRead === 0) return Buffer.concat(pieces)
    pieces.push(buffer.subarray(0, bytesRead))
    sizeBytes += bytesRead
  }
  return undefined
}

export const fileFailure = (path: string, flag: string, cause: unknown): PreflightError => {
  if (cause instanceof PreflightError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new PreflightError('FILE_NOT_FOUND', `${flag} ${printable(path)}: there is no such file or folder.`, {
      hint: 'Check the path.',
      cause,
    })
  }
  return new PreflightError('FILE_UNREADABLE', `${flag} ${printable(path)}: it cannot be read (${code}).`, {
    hint: 'Check that it is a file and its permissions.',
    cause,
  })
}
