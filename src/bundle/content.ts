import { posix } from 'node:path'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import type { Keep, KeptFile } from './kept-file.ts'

/** Which files are kept of a bundle: `name` begins below its top directory. Undefined: nothing of it. */
export type Wanted = (name: string) => Keep | undefined

/** What was kept of a bundle, with names as they begin below its top directory. */
export interface BundleContent {
  /** `support-bundle-2026-11-27T22_00_00/`; empty where the files lie at the top. */
  readonly root: string
  /** Of files and links that were kept, in no order. */
  readonly names: readonly string[]
  /** Links followed, which only lead to other files of the bundle. @throws PreflightError BUNDLE_LACKS for a link that does not */
  find(name: string): KeptFile | undefined
}

/** A link as it stands, relative to the folder that it is in. */
export type Entry = KeptFile | { readonly to: string }

/** What a bundle may hold; one of a large cluster has some thousands of files, and unpacks to a few GB. */
export const bundleLimits = {
  entries: 200_000,
  nameLength: 1024,
  /** Together, of what is kept. */
  keptBytes: 512 * 2 ** 20,
  unpackedBytes: 16 * 2 ** 30,
  /** Above a GiB a bundle may not unpack to more than so many times its own size. */
  ratio: 200,
  depth: 32,
} as const

const maxLinks = 8

export const tooLarge = (path: string, what: string) =>
  new PreflightError('FILE_TOO_LARGE', `${printable(path)} holds more than a bundle may: ${what}.`, { hint: 'Was another file meant?' })

export const invalid = (message: string, cause?: unknown) =>
  new PreflightError('BUNDLE_INVALID', message, {
    cause,
    hint: 'Give a bundle that support-bundle, preflight or velero-plugin-preflight wrote, as it was written.',
  })

/** What every bundle has some of, whoever wrote it. */
const marker = /^(?:version\.yaml$|analysis\.json$|velero-plugins\/|cluster-resources\/|cluster-info\/|host-collectors\/|execution-data\/)/

/** Collects entries while a bundle is read: which of its directories is the top one is known only at its end. */
export const createContent = (path: string, wanted: Wanted) => {
  const entries = new Map<string, Entry>()
  const roots = new Set<string>()
  let count = 0
  let keptBytes = 0
  return {
    /** Counts an entry. @returns what to keep of it; @param name as it stands, also with `./` before it */
    visit(raw: string): { readonly name: string; readonly keep: Keep | undefined } {
      if (++count > bundleLimits.entries) throw tooLarge(path, `${bundleLimits.entries} files`)
      const name = raw.replace(/^(?:\.?\/)+/, '')
      if (name.length > bundleLimits.nameLength || name.split('/').includes('..')) return { name, keep: undefined }
      const slash = name.indexOf('/') + 1
      const below = name.slice(slash)
      if (marker.test(name)) roots.add('')
      if (slash > 0 && marker.test(below)) roots.add(name.slice(0, slash))
      return { name, keep: wanted(name) ?? (slash > 0 ? wanted(below) : undefined) }
    },
    /** Of a name that comes twice the last counts, as tar unpacks it. */
    put(name: string, entry: Entry): void {
      if (!('to' in entry)) keptBytes += entry.bytes.length
      if (keptBytes > bundleLimits.keptBytes) throw tooLarge(path, `${bundleLimits.keptBytes} bytes to read`)
      entries.set(name, entry)
    },
    /** @throws PreflightError BUNDLE_INVALID */
    end(): BundleContent {
      const root = rootOf(path, roots)
      const names = [...entries.keys()].flatMap(name => (name.startsWith(root) ? [name.slice(root.length)] : []))
      return { root, names, find: name => follow(entries, root + name) }
    },
  }
}

const rootOf = (path: string, roots: ReadonlySet<string>): string => {
  const [first, second] = [...roots].toSorted()
  if (first === undefined) throw invalid(`${printable(path)} is no bundle: it has no version.yaml, and nothing else that every bundle has.`)
  if (first !== '' && second !== undefined)
    throw invalid(`${printable(path)} holds more than one bundle: ${printable(first, 80)}, ${printable(second, 80)}. Give one of them.`)
  return first
}

const follow = (entries: ReadonlyMap<string, Entry>, name: string): KeptFile | undefined => {
  let at = name
  for (let links = 0; links <= maxLinks; links++) {
    const entry = entries.get(at)
    if (entry === undefined || !('to' in entry)) return entry
    const to = entry.to.startsWith('/') ? entry.to : posix.join(posix.dirname(at), entry.to)
    if (to.startsWith('/') || to === '..' || to.startsWith('../')) throw astray(name, `leads out of the bundle, to ${printable(entry.to)}`)
    at = to
  }
  throw astray(name, `leads through more than ${maxLinks} others`)
}

const astray = (name: string, how: string) =>
  new PreflightError('BUNDLE_LACKS', `${printable(name)} in the bundle is a link that ${how}.`, {
    hint: 'Give the bundle as it was written, and not a copy of it.',
  })
