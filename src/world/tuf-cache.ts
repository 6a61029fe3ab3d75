import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { readBounded } from './bounded-file.ts'

/** Of the trusted root in every Sigstore repository. */
export const targetName = 'trusted_root.json'

/** A trusted root that another program got from a TUF repository and kept. */
export interface CachedRoot {
  readonly bytes: Uint8Array
  readonly rootVersion: number
  readonly targetsVersion: number
  readonly description: string
}

/**
 * Where @sigstore/tuf and cosign keep a repository: both have the files of the TUF specification in one folder a repository.
 *
 * @param mirrorUrl of the repository
 * @param dataFolder `$XDG_DATA_HOME` or what stands for it
 */
export const tufCacheFolders = (mirrorUrl: string, { home, dataFolder }: { home: string; dataFolder: string }): readonly string[] => {
  const { host, pathname } = new URL(mirrorUrl)
  const path = pathname.replace(/\/$/, '')
  return [
    join(dataFolder, 'sigstore-js', encodeURIComponent(host + path)),
    join(home, '.sigstore', 'root', (host + path).replace(/[/:]/g, '-').toLowerCase()),
  ]
}

/** Metadata of the public good instance has some KiB. */
const metadataBytes = 1 << 20

/**
 * The trusted root in a cached repository, without a request: `targets.json` must be signed as the cached `root.json` says, and the
 * file be the one that it names. Whether the repository has a newer one cannot be known; until when the cache was known to be
 * current is told.
 *
 * @returns a sentence where there is a cache that cannot be used; undefined where there is none
 */
export const cachedRoot = async (folder: string, limitBytes: number): Promise<CachedRoot | string | undefined> => {
  const read = async (name: string, limit = metadataBytes) => Buffer.from(await readBounded(join(folder, name), limit, 'the cached'))
  const json = async (name: string) => JSON.parse((await read(name)).toString())
  try {
    const cachedJson = await json('root.json')
    // Most have no cache, and need not load what reads it.
    const { Metadata, MetadataKind } = await import('@tufjs/models')
    const root = Metadata.fromJSON(MetadataKind.Root, cachedJson)
    root.verifyDelegate('root', root)
    const targets = Metadata.fromJSON(MetadataKind.Targets, await json('targets.json'))
    root.verifyDelegate('targets', targets)
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, await json('timestamp.json'))
    root.verifyDelegate('timestamp', timestamp)
    const bytes = await read(join('targets', targetName), limitBytes)
    const target = targets.signed.targets[targetName]
    const hash = createHash('sha256').update(bytes).digest('hex')
    if (target?.length !== bytes.length || target.hashes.sha256 !== hash) throw new Error(`${targetName} is not the one that is signed`)
    return {
      bytes,
      rootVersion: root.signed.version,
      targetsVersion: targets.signed.version,
      description: `the one cached in ${printable(folder)} (version ${targets.signed.version}, known to be current until ${day(timestamp.signed.expires)})`,
    }
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'FILE_NOT_FOUND') return undefined
    return `The trusted root cached in ${printable(folder)} was passed over: ${printable(error instanceof Error ? error.message : String(error))}.`
  }
}

const day = (time: string): string => printable(time.slice(0, 10))
