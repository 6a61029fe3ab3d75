import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * A folder, and those above it that are missing. Node's own `recursive` never ends where a folder is there and nothing can be
 * made in it because "there is no such file", as in /proc.
 *
 * @returns whether it was made now
 * @throws what mkdir says of the first one that cannot be made
 */
export const makeFolder = async (folder: string, mode: number): Promise<boolean> => {
  try {
    return await makeOne(folder, mode)
  } catch (error) {
    const parent = dirname(folder)
    if (!isMissing(error) || parent === folder) throw error
    await makeFolder(parent, mode)
    return makeOne(folder, mode)
  }
}

const makeOne = async (folder: string, mode: number): Promise<boolean> => {
  try {
    await mkdir(folder, { mode })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
