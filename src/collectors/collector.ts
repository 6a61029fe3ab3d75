import type { Digest } from '../digest.ts'
import type { ConfigFact } from '../facts/config.ts'
import { type Failure, failure, type Plugin } from '../facts/fact.ts'
import type { InstalledFact } from '../facts/installed.ts'
import type { FactKind, Facts } from '../facts.ts'
import type { ChildReader } from '../oci/platform-image.ts'
import type { ImageAccess, ImageScanner, World } from '../world/world.ts'

/** Another repository in which signatures are kept: COSIGN_REPOSITORY, or a policy's `source`. */
export interface SignatureSource {
  /** `registry/repository`, without tag or digest. */
  readonly repository: string
  /** What stands before cosign's tags there. */
  readonly tagPrefix?: string
  /** Names of Secrets with logins for it (a policy's `signaturePullSecrets`), tried before those of the pod. */
  readonly pullSecrets?: readonly string[]
  /** Of which plugins; absent: of all. */
  readonly plugins?: readonly string[]
}

/** What a collector is given. It touches the world and judges nothing. */
export interface CollectContext {
  /** Read before any collector runs; `plugins` come from them. */
  readonly configs: readonly ConfigFact[]
  readonly plugins: readonly Plugin[]
  /** With which the Configs are compared; read before any collector runs too. Absent: with none. */
  readonly installed?: InstalledFact
  /** `os/architecture[/variant]`, at least one. */
  readonly platforms: readonly string[]
  readonly world: World
  /** Asked beside the image's own repository. */
  readonly signatureSources?: readonly SignatureSource[]
  /** Nobody will be told of SBOMs that no one signed, so that the tag which they are kept at is not asked for. */
  readonly withoutSboms?: boolean
  /** Looks for vulnerabilities (`--scanner`); absent: nobody does. */
  readonly scanner?: ImageScanner
  /** Whatever can be read is read, also what cannot change the answer (`--prove`). */
  readonly prove?: boolean
  /** Keeps bytes in the bundle (`velero-plugins/blobs`) and gives their sha256. */
  keep(bytes: Uint8Array): Digest
  /** Aborted by `--timeout` and signals. */
  readonly signal: AbortSignal
  /** One line for the progress display. */
  progress(text: string): void
}

export interface Collector<K extends FactKind = FactKind> {
  /** Check, fact, file and spec key have this one name. */
  readonly kind: K
  collect(context: CollectContext): Promise<readonly Facts[K][]>
}

/** Runs `collect` for all plugins side by side; what it throws becomes the failed fact of that plugin alone. */
export const eachPlugin = async <T>(
  context: CollectContext,
  collect: (plugin: Plugin) => Promise<readonly T[]>,
): Promise<(T | ({ readonly plugin: string; readonly image: string } & Failure))[]> => {
  const lists = await Promise.all(
    context.plugins.map(async plugin => {
      try {
        return await collect(plugin)
      } catch (error) {
        return [{ plugin: plugin.plugin, image: plugin.image, ...failure(error) }]
      }
    }),
  )
  return lists.flat()
}

/** Reads the children of an image's index; the registry is asked once for each, however many checks and platforms need it. */
export const childReader = (
  { world: { registry } }: CollectContext,
  { image }: ImageAccess,
  { as }: NonNullable<ImageAccess['opened']>,
): ChildReader => ({
  manifest: async ({ digest }) => (await registry.manifest(image, digest, as)).bytes,
  blob: (descriptor, limitBytes) => registry.blobBytes(image, descriptor, limitBytes, as),
})

/** Lets so many tasks run at a time, in their order. */
export const createSlots = (count: number): (<T>(task: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let free = count
  return async task => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
