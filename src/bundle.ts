import { randomBytes } from 'node:crypto'
import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type BundleContent, bundleLimits, type Wanted } from './bundle/content.ts'
import { type BundleFiles, bundleFiles, collectionOf, hasCollection, noCollection } from './bundle/layout.ts'
import { makeFolder } from './bundle/make-folder.ts'
import { readArchive } from './bundle/read-archive.ts'
import { readFolder } from './bundle/read-folder.ts'
import { tarOf } from './bundle/tar.ts'
import { PreflightError } from './errors.ts'
import type { Collection } from './facts.ts'
import type { Report } from './outcome.ts'

const two = (number: number) => String(number).padStart(2, '0')

/** `preflightbundle-2006-01-02T15_04_05`, in local time, as troubleshoot names its own. */
export const bundleName = (now: Date): string => {
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `preflightbundle-${date}T${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('_')}`
}

const isArchive = (path: string) => /\.(?:tar\.gz|tgz)$/.test(path)

const unwritable = (path: string, cause: unknown) =>
  new PreflightError(
    'OUTPUT_UNWRITABLE',
    `The bundle ${path} could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      cause,
      hint: 'run writes it to the working directory, and none with --no-bundle; collect takes another place with --output.',
    },
  )

/**
 * Writes the bundle: one archive of mode 0600 when `path` ends in `.tar.gz` or `.tgz`, else a folder of mode 0700.
 * An archive appears whole or not at all.
 *
 * @throws PreflightError OUTPUT_UNWRITABLE
 */
export const writeBundle = async (collection: Collection, report: Report, path: string, now: Date): Promise<void> => {
  const files = bundleFiles(collection, report)
  try {
    await (isArchive(path) ? writeArchive(files, path, now) : writeFolder(files, path))
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

const writeArchive = async (files: BundleFiles, path: string, now: Date): Promise<void> => {
  const top = basename(path).replace(/\.(?:tar\.gz|tgz)$/, '')
  const bytes = await promisify(gzip)(tarOf(files, top, now))
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, bytes, { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

const writeFolder = async (files: BundleFiles, path: string): Promise<void> => {
  await makeFolder(path, 0o700)
  for (const [name, bytes] of files) {
    await makeFolder(dirname(join(path, name)), 0o700)
    await writeFile(join(path, name), bytes, { mode: 0o600 })
  }
}

/** All that this program writes into a bundle but for what is troubleshoot's. */
export const ownFiles: Wanted = name =>
  name.startsWith('velero-plugins/') || left.test(name) ? { limitBytes: bundleLimits.keptBytes } : undefined

/** Where troubleshoot's `run` puts what a program leaves for it (TS_OUTPUT_DIR). */
const left = /^host-collectors\/(?:[^/]+\/)?run-host\/(?:[^/]+\/){2,}(?=velero-plugins\/)/

/** The facts at the top, else the first by name that were left for troubleshoot. */
const ownContent = (content: BundleContent): Pick<BundleContent, 'names' | 'find'> => {
  if (hasCollection(content)) return content
  const [folder] = content.names.flatMap(name => left.exec(name)?.[0] ?? []).toSorted()
  if (folder === undefined) throw noCollection()
  const names = content.names.flatMap(name => (name.startsWith(folder) ? [name.slice(folder.length)] : []))
  if (!hasCollection({ names })) throw noCollection()
  return { names, find: name => content.find(folder + name) }
}

/**
 * Reads what is wanted of a bundle, an archive or a folder: once, and with a memory that is bounded by what is kept.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, BUNDLE_INVALID
 */
export const openBundle = async (path: string, wanted: Wanted, signal?: AbortSignal): Promise<BundleContent> => {
  try {
    return await ((await stat(path)).isDirectory() ? readFolder : readArchive)(path, wanted, signal)
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    if (signal?.aborted && signal.reason instanceof PreflightError) throw signal.reason
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') throw new PreflightError('FILE_NOT_FOUND', `There is no bundle ${path}.`, { cause })
    throw new PreflightError(
      'FILE_UNREADABLE',
      `The bundle ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    )
  }
}

/**
 * What was collected, from an archive or a folder that this program wrote, or added its facts to.
 *
 * @param signal its reason is thrown when it is a PreflightError
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, BUNDLE_INVALID
 */
export const readBundle = async (path: string, signal?: AbortSignal): Promise<Collection> =>
  collectionOf(ownContent(await openBundle(path, ownFiles, signal)))
