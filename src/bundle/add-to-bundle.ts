import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chown, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { openBundle } from '../bundle.ts'
import { PreflightError } from '../errors.ts'
import type { Collection } from '../facts.ts'
import { printable } from '../redact.ts'
import { copyTar } from './copy-tar.ts'
import { type BundleFiles, bundleFiles } from './layout.ts'
import { makeFolder } from './make-folder.ts'
import { unpacked } from './read-archive.ts'
import { tarOf } from './tar.ts'

const folder = 'velero-plugins'

/**
 * Adds what was collected to a bundle that somebody else wrote, in place of what an earlier run has added. All else in it stays as
 * it is. An archive is replaced by the new one when that is whole, or not at all.
 *
 * @throws PreflightError FILE_…, BUNDLE_INVALID, OUTPUT_UNWRITABLE
 */
export const addToBundle = async (collection: Collection, path: string, now: Date): Promise<void> => {
  // Read to its end first: nothing is begun with one that is cut short.
  const { root } = await openBundle(path, () => undefined)
  const all = bundleFiles(collection, { results: [], notChecked: [] })
  const files: BundleFiles = new Map([...all].filter(([name]) => name.startsWith(`${folder}/`)))
  try {
    const target = await realpath(path)
    await ((await stat(target)).isDirectory() ? addToFolder(files, join(target, root)) : addToArchive(files, root, target, now))
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw unwritable(path, why, cause)
  }
}

const unwritable = (path: string, why: string, cause?: unknown) =>
  new PreflightError('OUTPUT_UNWRITABLE', `The facts could not be added to ${printable(path)}: ${printable(why, 300)}. It is as it was.`, {
    cause,
    hint: 'Its folder needs room for a second one of its size, and must be writable.',
  })

const suffix = () => randomBytes(6).toString('hex')

const addToArchive = async (files: BundleFiles, root: string, path: string, now: Date): Promise<void> => {
  const before = await stat(path)
  const draft = `${path}.${suffix()}`
  const ours = tarOf(files, root.slice(0, -1), now)
  const own = (name: string) => name.replace(/^(?:\.?\/)+/, '').startsWith(`${root}${folder}/`)
  const bytes = async function* () {
    yield* copyTar(unpacked(path), own)
    yield ours
  }
  try {
    await pipeline(
      Readable.from(bytes(), { objectMode: false }),
      createGzip(),
      createWriteStream(draft, { flags: 'wx', mode: before.mode & 0o777, flush: true }),
    )
    // Root may do so; to others it belongs already, or cannot be given away.
    await chown(draft, before.uid, before.gid).catch(() => {})
    const { size, mtimeMs, ino } = await stat(path)
    if (size !== before.size || mtimeMs !== before.mtimeMs || ino !== before.ino) throw unwritable(path, 'it was changed meanwhile')
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Written beside what is there, and then put in its place. */
const addToFolder = async (files: BundleFiles, top: string): Promise<void> => {
  const id = suffix()
  const [draft, place, old] = [join(top, `.${folder}.${id}`), join(top, folder), join(top, `.${folder}.old.${id}`)]
  try {
    for (const [name, bytes] of files) {
      const file = join(draft, name.slice(folder.length + 1))
      await makeFolder(dirname(file), 0o700)
      await writeFile(file, bytes, { mode: 0o600, flag: 'wx' })
    }
    const replaces = await rename(place, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    )
    await rename(draft, place).catch(async error => {
      if (replaces) await rename(old, place)
      throw error
    })
    await rm(old, { recursive: true, force: true })
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}
