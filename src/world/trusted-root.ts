import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { readBounded } from './bounded-file.ts'
import { type CachedRoot, cachedRoot, targetName } from './tuf-cache.ts'

/** Bytes of a `trusted_root.json`, and where they are from, which the report names. */
export interface FoundTrustedRoot {
  readonly bytes: Uint8Array
  readonly origin: 'file' | 'refreshed' | 'cached' | 'shipped'
  /** With its date, in words that fit after "the trusted root is". */
  readonly description: string
  /** What was passed over, and why, a sentence each. */
  readonly notes: readonly string[]
}

export interface TrustedRootOptions {
  /** `--trusted-root`: decides alone. */
  readonly file?: string | undefined
  /** Ask the repository; without this nothing is asked over the network. */
  readonly refresh?: RefreshOptions | undefined
  /** Folders of TUF repositories that other programs may have cached (`tufCacheFolders`). */
  readonly cacheFolders: readonly string[]
}

export interface RefreshOptions {
  /** Default: the public good instance. */
  readonly mirrorUrl?: string | undefined
  /** A file with the first `root.json` of a mirror that is not the public good instance: who it is cannot be asked over the network. */
  readonly initialRoot?: string | undefined
  /** Where it is kept for the next time. */
  readonly cacheFolder: string
  readonly timeoutMs?: number | undefined
}

export const publicGoodUrl = 'https://tuf-repo-cdn.sigstore.dev'
/** The public good instance's has 7 KiB. */
const limitBytes = 1 << 20

/**
 * The trusted root to use: the file that was given, else the repository where asking it was asked for, else the newest of what is
 * cached and what is shipped. No request is made unless `refresh` is there.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, TRUSTED_ROOT_UNAVAILABLE
 */
export const findTrustedRoot = async ({ file, refresh, cacheFolders }: TrustedRootOptions): Promise<FoundTrustedRoot> => {
  if (file !== undefined) {
    const bytes = await readBounded(file, limitBytes, '--trusted-root')
    return { bytes, origin: 'file', description: printable(file), notes: [] }
  }
  if (refresh !== undefined) return refreshedRoot(refresh)
  const shipped = await shippedRoot()
  const looked = await Promise.all(cacheFolders.map(folder => cachedRoot(folder, limitBytes)))
  const notes = looked.flatMap(found => (typeof found === 'string' ? [found] : []))
  const [newest] = looked
    .filter((found): found is CachedRoot => typeof found === 'object')
    .toSorted((a, b) => b.rootVersion - a.rootVersion || b.targetsVersion - a.targetsVersion)
  if (newest === undefined) return { ...shipped.found, notes }
  if (newest.rootVersion < shipped.rootVersion) {
    return { ...shipped.found, notes: [...notes, `${newest.description} was passed over: what is shipped is newer.`] }
  }
  return { bytes: newest.bytes, origin: 'cached', description: newest.description, notes }
}

/** When the version of @sigstore/tuf that is depended on was published; a test holds the version to the one that is installed. */
export const shippedRelease = { version: '5.0.1', date: '2026-11-05' } as const

const shippedRoot = async (): Promise<{ readonly found: FoundTrustedRoot; readonly rootVersion: number }> => {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  const seed = seeds[publicGoodUrl]
  const { signed } = JSON.parse(Buffer.from(seed['root.json'], 'base64').toString()) as { signed: { version: number } }
  const { version, date } = shippedRelease
  return {
    rootVersion: signed.version,
    found: {
      bytes: Buffer.from(seed.targets[targetName], 'base64'),
      origin: 'shipped',
      description: `the one of the public good instance that came with this program (@sigstore/tuf ${version} of ${date})`,
      notes: [],
    },
  }
}

const refreshedRoot = async ({
  mirrorUrl = publicGoodUrl,
  initialRoot,
  cacheFolder,
  timeoutMs = 10_000,
}: RefreshOptions): Promise<FoundTrustedRoot> => {
  const shown = printable(mirrorUrl)
  try {
    const { initTUF } = await import('@sigstore/tuf')
    const client = await initTUF({
      mirrorURL: mirrorUrl,
      cachePath: cacheFolder,
      timeout: timeoutMs,
      retry: { retries: 1 },
      ...(initialRoot === undefined ? {} : { rootPath: initialRoot }),
    })
    const bytes = Buffer.from(await client.getTarget(targetName))
    if (bytes.length > limitBytes) throw new Error(`it has more than ${limitBytes >> 20} MiB`)
    return { bytes, origin: 'refreshed', description: `the one of ${shown}, asked just now`, notes: [] }
  } catch (cause) {
    throw new PreflightError('TRUSTED_ROOT_UNAVAILABLE', `The trusted root of ${shown} could not be refreshed: ${reasonOf(cause)}.`, {
      hint:
        initialRoot === undefined && mirrorUrl !== publicGoodUrl
          ? 'Give the first root.json of that mirror, got by a way that you trust.'
          : 'Give the file with --trusted-root, or try again where the repository can be reached.',
      cause,
    })
  }
}

/** Of the library's errors the cause says what happened. */
const reasonOf = (error: unknown): string => {
  const texts: string[] = []
  for (let at = error; at instanceof Error && texts.length < 4; at = at.cause) texts.push(printable(at.message))
  return [...new Set(texts)].join(': ') || 'for an unknown reason'
}
