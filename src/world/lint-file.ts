import { PreflightError } from '../errors.ts'
import { maxYamlBytes } from '../yaml-source.ts'
import { readBounded } from './bounded-file.ts'

const goWords: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
}

/** A file's bytes, or in Go's words why Embedded Cluster's linter could not read it. */
export const readLintFile = async (path: string): Promise<Uint8Array | string> => {
  try {
    return await readBounded(path, maxYamlBytes, 'lint')
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    const code = codeOf(error.cause)
    const words = goWords[code]
    if (words !== undefined) return `failed to open file: open ${path}: ${words}`
    return code === 'EISDIR' ? `failed to read file: read ${path}: is a directory` : `failed to read file: ${error.message}`
  }
}

const codeOf = (cause: unknown): string => (cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '')
