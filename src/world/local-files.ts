import type { FileHandle } from 'node:fs/promises'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'

/** The files of a layout or archive, wherever they lie. Names have `/` and no `..`. */
export interface LocalFiles {
  /** Undefined when there is none of this name. @throws PreflightError LOCAL_INVALID, LOCAL_UNREADABLE */
  find(name: string): Promise<LocalFile | undefined>
  /** Names right below `folder`, at most `limit`. */
  list(folder: string, limit: number): Promise<readonly string[]>
  close(): Promise<void>
}

export interface LocalFile {
  readonly sizeBytes: number
  /** All of it; ends early with an error when less is there than `sizeBytes`. */
  read(): AsyncGenerator<Uint8Array>
}

const chunkBytes = 512 * 1024

/** `sizeBytes` of a file from `offset` on. @throws PreflightError LOCAL_INVALID when it ends before, LOCAL_UNREADABLE */
export async function* readRange(
  handle: FileHandle,
  offset: number,
  sizeBytes: number,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (let done = 0; done < sizeBytes; ) {
    signal.throwIfAborted()
    // Never used again here: who gets it may keep it.
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, sizeBytes - done))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset + done).catch((cause: unknown) => {
      throw unreadable(what, cause)
    })
    if (bytesRead === 0) throw damaged(what, 'it ended while it was read')
    done += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** @throws PreflightError BODY_TOO_LARGE, and what reading throws */
export const readWhole = async (file: LocalFile, limitBytes: number, what: string): Promise<Buffer> => {
  if (file.sizeBytes > limitBytes) throw tooLarge(what, file.sizeBytes, limitBytes)
  const chunks: Uint8Array[] = []
  for await (const chunk of file.read()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The first bytes of a file, or of a part of it that begins at `offset`: fewer where there are no more. @throws PreflightError LOCAL_UNREADABLE */
export const readHead = async (handle: FileHandle, sizeBytes: number, what: string, offset = 0): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset).catch((cause: unknown) => {
    throw unreadable(what, cause)
  })
  return buffer.subarray(0, bytesRead)
}

export const tooLarge = (what: string, sizeBytes: number, limitBytes: number): PreflightError =>
  new PreflightError('BODY_TOO_LARGE', `${what} has ${sizeBytes} bytes; at most ${limitBytes} are taken.`, {
    hint: 'Check that the reference is that of an image.',
  })

/** @param what names the folder, the archive or a file in it; printable */
export const damaged = (what: string, why: string, cause?: unknown): PreflightError =>
  new PreflightError('LOCAL_INVALID', `${what} cannot be used: ${why}.`, { hint: 'Write the folder or archive again.', cause })

const hintOf = (code: string): string =>
  code === 'EIO' ? 'Check the disk or share that it lies on.' : 'Check the permissions of its files.'

export const unreadable = (what: string, cause: unknown): PreflightError => {
  if (cause instanceof PreflightError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  const missing = code === 'ENOENT' || code === 'ENOTDIR'
  return new PreflightError('LOCAL_UNREADABLE', `${what} ${missing ? 'is not there' : `cannot be read (${printable(code, 40)})`}.`, {
    hint: missing ? 'Check the path; it counts from the working directory.' : hintOf(code),
    cause,
  })
}
