import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { maxYamlBytes } from '../yaml-source.ts'
import { fileFailure, readBounded } from './bounded-file.ts'

/** A release has some dozens; a folder of more is not one. */
const maxFiles = 1000

export interface InputFile {
  /** As given, below the folder as given, or `-`. */
  readonly file: string
  readonly bytes: Uint8Array
  /** Not named itself but found in a folder or archive that was. */
  readonly fromFolder: boolean
  /** Its name in the archive of a release; absent: it came in no archive. */
  readonly name?: string
}

/**
 * The YAML files at `paths`: a file, `-` for standard input, or the *.yaml and *.yml of a folder as a release holds them: sorted,
 * not those of folders in it, no pipes, not hidden ones. A file has at most 8 MiB.
 *
 * @param flag that gave them, for messages
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE; CONFIG_NOT_FOUND for a folder without YAML
 */
export const readYamlFiles = async (paths: readonly string[], flag: string, stdin: Readable): Promise<readonly InputFile[]> => {
  const files: InputFile[] = []
  for (const path of paths) {
    if (path === '-') files.push({ file: '-', bytes: await readStream(stdin, flag), fromFolder: false })
    else if (await isFolder(path, flag)) files.push(...(await readFolder(path, flag)))
    else files.push({ file: path, bytes: await readBounded(path, maxYamlBytes, flag), fromFolder: false })
  }
  return files
}

const isFolder = async (path: string, flag: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw fileFailure(path, flag, cause)
  }
}

const readFolder = async (folder: string, flag: string): Promise<readonly InputFile[]> => {
  const names = await namesIn(folder, flag)
  if (names.length === 0) {
    throw new PreflightError('CONFIG_NOT_FOUND', `${flag} ${printable(folder)}: the folder has no *.yaml or *.yml file.`, {
      hint: 'Give the folder that holds the release, or the file itself.',
    })
  }
  if (names.length > maxFiles) {
    throw new PreflightError('FILE_TOO_LARGE', `${flag} ${printable(folder)}: ${names.length} YAML files; at most ${maxFiles} are read.`, {
      hint: 'Give the file itself.',
    })
  }
  const files: InputFile[] = []
  for (const name of names) {
    const file = join(folder, name)
    files.push({ file, bytes: await readBounded(file, maxYamlBytes, flag), fromFolder: true })
  }
  return files
}

const namesIn = async (folder: string, flag: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.') && /\.ya?ml$/.test(entry.name))
      .map(({ name }) => name)
      .toSorted()
  } catch (cause) {
    throw fileFailure(folder, flag, cause)
  }
}

const readStream = async (stdin: Readable, flag: string): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of stdin) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array)
    sizeBytes += bytes.length
    if (sizeBytes > maxYamlBytes) {
      throw new PreflightError('FILE_TOO_LARGE', `${flag} -: more than ${maxYamlBytes >> 20} MiB came from standard input.`, {
        hint: 'Was another file meant?',
      })
    }
    pieces.push(bytes)
  }
  return Buffer.concat(pieces)
}
