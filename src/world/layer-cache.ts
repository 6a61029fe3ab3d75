import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, type FileHandle, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeFolder } from '../bundle/make-folder.ts'
import { PreflightError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import { blobName, contentOf, type LayerKey, recordName, recordOf } from '../oci/layer-record.ts'
import { printable } from '../redact.ts'
import type { LayerCache } from './world.ts'

/** Some hundred plugin images. */
const defaultLimitBytes = 256 << 20
/** A draft of a process that was ended in the middle. */
const draftMaxAgeMs = 60 * 60 * 1000
/** A mark takes no room that is counted, and so goes by its age. */
const markMaxAgeMs = 90 * 24 * 60 * 60 * 1000
const markPattern = /^[0-9a-f]{64}\.blob$/
const recordPattern = /^[0-9a-f]{64}\.(?:layer|blob)$/
const draftPattern = /^[0-9a-f]{64}\.(?:layer|blob)\.[0-9a-f]{12}$/

export interface LayerCacheOptions {
  /** Made when it is missing, with mode 0700. */
  readonly folder: string
  /** Named by the user: then it is an error when it cannot be used; else the run goes on without. */
  readonly required: boolean
  readonly limitBytes?: number
  readonly nowMs: () => number
  readonly trace?: ((line: string) => void) | undefined
  readonly meter?: Meter | undefined
}

/**
 * Layers that earlier runs read, one file each, written beside and renamed, so that runs at the same time see whole files
 * only. Nobody else may be able to write in the folder: whoever can decides what the check sees.
 *
 * @throws PreflightError FILE_UNREADABLE: a required folder that cannot be used
 */
export const openLayerCache = async (options: LayerCacheOptions): Promise<LayerCache | undefined> => {
  const problem = await prepare(options.folder)
  if (problem === undefined) return layerCache(options)
  if (options.required) {
    throw new PreflightError('FILE_UNREADABLE', `--cache-dir ${printable(options.folder)}: ${problem}.`, {
      hint: 'Give a folder of your own that nobody else can write to, or --no-cache.',
    })
  }
  options.trace?.(`no cache in ${printable(options.folder)}: ${problem}`)
  return undefined
}

/** Why the folder cannot be used. */
const prepare = async (folder: string): Promise<string | undefined> => {
  try {
    // Whatever the umask is
    if (await makeFolder(folder, 0o700)) await chmod(folder, 0o700)
    const seen = await stat(folder)
    if (!seen.isDirectory()) return 'it is a file'
    return isOwn(seen) ? undefined : 'it belongs to another user, or others can write to it'
  } catch (error) {
    return problemOf(codeOf(error))
  }
}

const problems: Readonly<Record<string, string>> = {
  EACCES: 'you may not make or read it',
  EPERM: 'you may not make or read it',
  ENOENT: 'it cannot be made there',
  ENOTDIR: 'it would lie below a file',
  EROFS: 'its file system can only be read',
  ENOSPC: 'its file system is full',
  ELOOP: 'it is a link that leads nowhere',
}
const problemOf = (code: string): string => problems[code] ?? `it cannot be used (${code})`

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

/** Windows has neither owner nor mode; there the folder of the user's profile guards itself. */
const isOwn = ({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)

const layerCache = ({ folder, limitBytes = defaultLimitBytes, nowMs, trace, meter }: LayerCacheOptions): LayerCache => {
  let written = false
  /** Nobody waits for these but the end. */
  const used: Promise<unknown>[] = []
  /** What is used is kept longest. */
  const touch = (path: string) => utimes(path, nowMs() / 1000, nowMs() / 1000).catch(() => undefined)
  const write = async (path: string, bytes: Buffer) => {
    written = true
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    try {
      await writeFile(draft, bytes, { mode: 0o600, flag: 'wx' })
      await rename(draft, path)
    } catch (error) {
      trace?.(`cache: ${basename(path)} not written (${codeOf(error)})`)
      await rm(draft, { force: true }).catch(() => undefined)
    }
  }
  const pathsOf = (key: LayerKey) => ({ record: join(folder, `${recordName(key)}.layer`), blob: join(folder, `${blobName(key)}.blob`) })
  return {
    async get(key) {
      const paths = pathsOf(key)
      const [record, blob] = await Promise.all([readOwn(paths.record, limitBytes), readOwn(paths.blob, 0)])
      const content = record === undefined ? undefined : contentOf(key, record)
      const sameBlob = blob !== undefined
      const found = sameBlob ? 'found' : 'found by its diff_id'
      trace?.(`cache: layer ${key.digest} ${content !== undefined ? found : record === undefined ? 'not found' : 'damaged'}`)
      meter?.({ kind: 'cache', result: content !== undefined ? 'hit' : record === undefined ? 'miss' : 'damaged' })
      if (content === undefined) return undefined
      used.push(touch(paths.record), ...(sameBlob ? [touch(paths.blob)] : []))
      return { content, sameBlob }
    },
    async put(key, content) {
      const record = recordOf(key, content)
      if (record === undefined || record.length > limitBytes) return
      const paths = pathsOf(key)
      await Promise.all([write(paths.record, record), write(paths.blob, Buffer.alloc(0))])
    },
    async close() {
      await Promise.all(used)
      if (written) await evict(folder, limitBytes, nowMs()).catch(error => trace?.(`cache: not tidied (${codeOf(error)})`))
    },
  }
}

/** The file, unless it is another's, a link, or larger than all together may be. */
const readOwn = async (path: string, limitBytes: number): Promise<Buffer | undefined> => {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const seen = await file.stat()
    if (!seen.isFile() || !isOwn(seen) || seen.size > limitBytes) return undefined
    return await file.readFile()
  } catch {
    return undefined
  } finally {
    await file?.close().catch(() => undefined)
  }
}

/** Takes away what was not used for the longest time, until the rest fits; touches nothing but what a cache wrote. */
const evict = async (folder: string, limitBytes: number, nowMs: number): Promise<void> => {
  const names = (await readdir(folder)).filter(name => recordPattern.test(name) || draftPattern.test(name))
  const files = await Promise.all(
    names.map(async name => {
      const path = join(folder, name)
      // Another run may have taken it away meanwhile
      const seen = await stat(path).catch(() => undefined)
      const maxAgeMs = draftPattern.test(name) ? draftMaxAgeMs : markPattern.test(name) ? markMaxAgeMs : undefined
      return seen === undefined ? [] : [{ path, maxAgeMs, sizeBytes: seen.size, usedMs: seen.mtimeMs }]
    }),
  )
  let left = limitBytes
  for (const { path, maxAgeMs, sizeBytes, usedMs } of files.flat().sort((a, b) => b.usedMs - a.usedMs)) {
    left -= sizeBytes
    if (maxAgeMs === undefined ? left < 0 : nowMs - usedMs > maxAgeMs) await rm(path, { force: true })
  }
}
