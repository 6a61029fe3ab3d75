import { close, constants, fstat, open, read } from 'node:fs'
import { promisify } from 'node:util'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { readPipe } from './pipes.ts'

const call = { close: promisify(close), fstat: promisify(fstat), open: promisify(open), read: promisify(read) }

/**
 * A file given on the command line, whole; also a pipe (`--secrets <(kubectl …)`), which has no size and comes in pieces.
 *
 * @param flag that gave it, for messages
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE; of a pipe also why waiting for it was given up
 */
export const readBounded = async (path: string, limitBytes: number, flag: string): Promise<Uint8Array> => {
  try {
    // A named pipe that nobody writes to would otherwise be waited for in a thread that nothing can end, not even an exit.
    const file = await call.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const isPipe = (await call.fstat(file)).isFIFO()
    const bytes = isPipe ? await readPipe(file, limitBytes) : await readUpTo(file, limitBytes).finally(() => call.close(file))
    if (bytes !== undefined) return bytes
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
const readUpTo = async (file: number, limitBytes: number): Promise<Uint8Array | undefined> => {
  const pieces: Uint8Array[] = []
  for (let sizeBytes = 0; sizeBytes <= limitBytes; ) {
    const buffer = Buffer.alloc(Math.min(1 << 18, limitBytes + 1))
    const { bytesRead } = await call.read(file, buffer, 0, buffer.length, null)
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
