import { constants } from 'node:fs'
import { type FileHandle, open, opendir, readlink, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type BundleContent, bundleLimits, createContent, tooLarge, type Wanted } from './content.ts'
import { createKeeper, type Keep, type KeptFile } from './kept-file.ts'

const chunkBytes = 1 << 18

/**
 * Reads what is wanted of a folder. No folder is entered through a link; a link to a file is one as in an archive, so that it
 * leads to nothing outside. What is neither is passed over.
 *
 * @throws PreflightError FILE_TOO_LARGE, BUNDLE_INVALID; what reading throws
 */
export const readFolder = async (path: string, wanted: Wanted, signal?: AbortSignal): Promise<BundleContent> => {
  const content = createContent(path, wanted)
  const top = await realpath(path)
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > bundleLimits.depth) throw tooLarge(path, `folders ${bundleLimits.depth} deep`)
    for await (const entry of await opendir(join(top, folder))) {
      signal?.throwIfAborted()
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        await walk(inside, depth + 1)
        continue
      }
      const { name, keep } = content.visit(inside)
      if (keep === undefined) continue
      if (entry.isSymbolicLink()) content.put(name, { to: await linkOf(top, inside) })
      else if (entry.isFile()) content.put(name, await keepFile(join(top, inside), keep))
    }
  }
  await walk('', 0)
  return content.end()
}

/** Absolute links into the folder itself are those of a bundle that was unpacked and not moved. */
const linkOf = async (top: string, name: string): Promise<string> => {
  const to = await readlink(join(top, name))
  return to.startsWith(`${top}${sep}`) ? relative(join(top, name, '..'), to) : to
}

const keepFile = async (path: string, keep: Keep): Promise<KeptFile> => {
  // Not through a link that took the file's place meanwhile, and not waiting for who writes to a pipe
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const { size } = await handle.stat()
    if ('limitBytes' in keep && size > keep.limitBytes) return { bytes: Buffer.alloc(0), sizeBytes: size, tooLarge: true }
    if ('limitBytes' in keep || size <= keep.headBytes + keep.tailBytes) return await readFrom(handle, keep, size)
    const [head, tail] = [await readRange(handle, 0, keep.headBytes), await readRange(handle, size - keep.tailBytes, keep.tailBytes)]
    return { bytes: Buffer.concat([head, tail]), sizeBytes: size, cutAt: head.length }
  } finally {
    await handle.close()
  }
}

/** Whatever comes up to the size that it had: a file may still grow. */
const readFrom = async (handle: FileHandle, keep: Keep, sizeBytes: number): Promise<KeptFile> => {
  const keeper = createKeeper(keep)
  keeper.write(await readRange(handle, 0, sizeBytes))
  return keeper.end()
}

const readRange = async (handle: FileHandle, start: number, sizeBytes: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  for (let done = 0; done < sizeBytes; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunkBytes, sizeBytes - done)), 0, null, start + done)
    if (bytesRead === 0) break
    parts.push(buffer.subarray(0, bytesRead))
    done += bytesRead
  }
  return Buffer.concat(parts)
}
