import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { type BundleFiles, bundleFiles, bundleRoot, collectionOf } from './bundle/layout.ts'
import { readTar, tarOf } from './bundle/tar.ts'
import { PreflightError } from './errors.ts'
import type { Collection } from './facts.ts'
import type { Report } from './outcome.ts'

/** Unpacked; a bundle of ten plugins is well below one. */
const limitBytes = 512 * 1024 * 1024
const limitFiles = 100_000

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
  await mkdir(path, { recursive: true, mode: 0o700 })
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(path, name)), { recursive: true, mode: 0o700 })
    await writeFile(join(path, name), bytes, { mode: 0o600 })
  }
}

/**
 * What was collected, from an archive or a folder.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, BUNDLE_INVALID
 */
export const readBundle = async (path: string): Promise<Collection> => {
  const files = await reading(path, async () => ((await stat(path)).isDirectory() ? readFolder(path) : readArchive(path)))
  const root = bundleRoot(files.keys())
  return collectionOf(
    new Map([...files].flatMap(([name, bytes]) => (name.startsWith(root) ? [[name.slice(root.length), bytes] as const] : []))),
  )
}

const reading = async <T>(path: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') throw new PreflightError('FILE_NOT_FOUND', `There is no bundle ${path}.`, { cause })
    throw new PreflightError(
      'FILE_UNREADABLE',
      `The bundle ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    )
  }
}

const tooLarge = (path: string) =>
  new PreflightError('FILE_TOO_LARGE', `${path} holds more than a bundle may: ${limitBytes} bytes, ${limitFiles} files.`)

/** No more than may be: a device or pipe has no size, and may have no end. */
const readBytes = async (path: string): Promise<Uint8Array> => {
  if ((await stat(path)).size > limitBytes) throw tooLarge(path)
  const parts: Buffer[] = []
  let sizeBytes = 0
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    sizeBytes += part.length
    if (sizeBytes > limitBytes) throw tooLarge(path)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const readArchive = async (path: string): Promise<BundleFiles> => {
  const bytes = await readBytes(path)
  const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: limitBytes }).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(path)
    throw new PreflightError('BUNDLE_INVALID', `${path} is not a gzip archive, or is cut short.`, { cause })
  })
  return readTar(unpacked, path, limitFiles)
}

const readFolder = async (path: string): Promise<BundleFiles> => {
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  if (names.length > limitFiles) throw tooLarge(path)
  const files = new Map<string, Uint8Array>()
  let totalBytes = 0
  for (const entry of names.filter(entry => entry.isFile())) {
    const full = join(entry.parentPath, entry.name)
    const handle = await open(full)
    try {
      totalBytes += (await handle.stat()).size
      if (totalBytes > limitBytes) throw tooLarge(path)
      files.set(full.slice(path.replace(/\/+$/, '').length + 1), await handle.readFile())
    } finally {
      await handle.close()
    }
  }
  return files
}
