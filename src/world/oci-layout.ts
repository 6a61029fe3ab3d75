import { constants } from 'node:fs'
import { type FileHandle, open, opendir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { damaged, type LocalFiles, readRange, unreadable } from './local-files.ts'

/** Nobody waits at a pipe that was put into a layout. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * The files of an OCI layout folder. Symbolic links are followed as long as they stay in it.
 *
 * @param what names it in messages
 * @throws PreflightError LOCAL_UNREADABLE
 */
export const openLayoutFolder = async (path: string, what: string, signal: AbortSignal): Promise<LocalFiles> => {
  const root = await realpath(path).catch((cause: unknown) => {
    throw unreadable(what, cause)
  })
  const locate = async (name: string): Promise<string | undefined> => {
    const real = await realpath(join(root, name)).catch((cause: unknown) => {
      if (isAbsent(cause)) return undefined
      throw unreadable(`${name} in ${what}`, cause)
    })
    if (real !== undefined && !real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw damaged(`${name} in ${what}`, 'it is a symbolic link that leads out of the folder')
    return real
  }
  return {
    async find(name) {
      const real = await locate(name)
      if (real === undefined) return undefined
      const shown = `${name} in ${what}`
      const sizeBytes = await using(real, shown, async handle => {
        const stats = await handle.stat()
        if (!stats.isFile()) throw damaged(shown, 'it is not a regular file')
        return stats.size
      })
      return {
        sizeBytes,
        async *read() {
          const handle = await open(real, flags).catch((cause: unknown) => {
            throw unreadable(shown, cause)
          })
          try {
            yield* readRange(handle, 0, sizeBytes, shown, signal)
          } finally {
            await handle.close()
          }
        },
      }
    },
    async list(folder, limit) {
      const real = await locate(folder)
      const names: string[] = []
      if (real === undefined) return names
      try {
        for await (const { name } of await opendir(real)) if (names.push(name) >= limit) break
      } catch (cause) {
        if (!isAbsent(cause)) throw unreadable(`${folder} in ${what}`, cause)
      }
      return names
    },
    close: async () => undefined,
  }
}

const isAbsent = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')

const using = async <T>(path: string, what: string, work: (handle: FileHandle) => Promise<T>): Promise<T> => {
  try {
    const handle = await open(path, flags)
    try {
      return await work(handle)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw unreadable(what, cause)
  }
}
