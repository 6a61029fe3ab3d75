import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { hasBegin, overlapBytes, releaseIn } from '../embedded-cluster/installer.ts'
import { PreflightError } from '../errors.ts'
import { compressionOf } from '../oci/decompress.ts'
import { printable } from '../redact.ts'
import { fileFailure } from './bounded-file.ts'
import { type InputFile, readYamlFiles } from './files.ts'
import { readRange } from './local-files.ts'
import { filesOfArchive, filesOfRelease } from './release-files.ts'
import type { AirgapStore } from './world.ts'

interface Reading {
  readonly stdin: Readable
  readonly signal: AbortSignal
}

/** An installer has some hundred MB, the release at its end some. */
const maxReleaseBytes = 256 << 20
const stepBytes = 4 << 20

/**
 * The files in which a Config is looked for: YAML as `readYamlFiles` finds it; and of a release, an installer or an air-gap bundle those
 * that Embedded Cluster looks at. What a file is, its first bytes say, and not its name.
 *
 * @throws PreflightError RELEASE_INVALID, and as `readYamlFiles`
 */
export const readConfigInputs = async (
  paths: readonly string[],
  flag: string,
  { stdin, signal }: Reading,
): Promise<readonly InputFile[]> => {
  const files: InputFile[] = []
  for (const path of paths) files.push(...((await readPacked(path, flag, signal)) ?? (await readYamlFiles([path], flag, stdin))))
  return files
}

/** What `--airgap-bundle` brings, where no Config was given. @throws PreflightError RELEASE_INVALID */
export const releaseOf = (airgap: AirgapStore | undefined): readonly InputFile[] => {
  if (airgap === undefined) return []
  const release = asInput(() => airgap.release(), '--airgap-bundle', airgap.path)
  return asInput(() => filesOfRelease(release.bytes, release.file), '--airgap-bundle', airgap.path)
}

/** Undefined of what is YAML, or should be. */
const readPacked = async (path: string, flag: string, signal: AbortSignal): Promise<readonly InputFile[] | undefined> => {
  if (path === '-' || !(await isFile(path, flag))) return undefined
  const handle = await open(path).catch((cause: unknown) => {
    throw fileFailure(path, flag, cause)
  })
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0)
    const head = buffer.subarray(0, bytesRead)
    const { size } = await handle.stat()
    if (isElf(head)) return await asInput(async () => filesOfRelease(await releaseAtEnd(handle, size, path, signal), path), flag, path)
    if (compressionOf(head) === 'none' && !isTar(head)) return undefined
    return await asInput(() => filesOfArchive(readRange(handle, 0, size, printable(path), signal), size, path), flag, path)
  } catch (cause) {
    // Of a disk or a share that fails in the middle
    throw cause instanceof Error && 'syscall' in cause ? fileFailure(path, flag, cause) : cause
  } finally {
    await handle.close()
  }
}

const isFile = async (path: string, flag: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile()
  } catch (cause) {
    throw fileFailure(path, flag, cause)
  }
}

const isElf = (head: Buffer): boolean => head.toString('latin1', 0, 4) === '\x7fELF'
const isTar = (head: Buffer): boolean => head.length === 512 && head.toString('latin1', 257, 262) === 'ustar'

/** The release at the end of an installer, which is read from its end until where the release begins. */
const releaseAtEnd = async (handle: FileHandle, sizeBytes: number, path: string, signal: AbortSignal): Promise<Buffer> => {
  let tail: Buffer = Buffer.alloc(0)
  for (let start = sizeBytes; start > 0 && tail.length <= maxReleaseBytes; ) {
    signal.throwIfAborted()
    const from = Math.max(0, start - stepBytes)
    const piece = Buffer.alloc(start - from)
    const { bytesRead } = await handle.read(piece, 0, piece.length, from)
    if (bytesRead < piece.length) break
    tail = Buffer.concat([piece, tail])
    start = from
    if (!hasBegin(tail.subarray(0, piece.length + overlapBytes))) continue
    const release = releaseIn(tail)
    if (release !== undefined) return release
    break
  }
  throw invalid(
    `${printable(path)} is a program, and no release stands at its end`,
    'Give the installer as Replicated serves it to a customer.',
  )
}

const invalid = (why: string, hint: string): PreflightError => new PreflightError('RELEASE_INVALID', `${why}.`, { hint })

/** What is wrong in a file that was given on the command line ends the run with exit 2. */
const asInput = <T>(read: () => T, flag: string, path: string): T => {
  const fail = (error: unknown): never => {
    if (!(error instanceof PreflightError) || !/^(?:LOCAL|LAYER)_/.test(error.code)) throw error
    throw new PreflightError('RELEASE_INVALID', `${flag} ${printable(path)}: ${error.message}`, {
      hint: 'Download or build it again.',
      cause: error,
    })
  }
  try {
    const made = read()
    return made instanceof Promise ? (made.catch(fail) as T) : made
  } catch (error) {
    return fail(error)
  }
}
