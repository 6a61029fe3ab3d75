import { stat } from 'node:fs/promises'
import { type AirgapMetadata, parseAirgapMetadata } from '../../embedded-cluster/airgap-metadata.ts'
import { PreflightError } from '../../errors.ts'
import type { AirgapBundleFact, AirgapFact } from '../../facts/airgap.ts'
import { type Failure, failure, type Plugin } from '../../facts/fact.ts'
import { type ImportedName, nodeName } from '../../oci/imported-names.ts'
import { isLocalReference, type LocalReference } from '../../oci/transport.ts'
import { printable } from '../../redact.ts'
import { fileFailure } from '../bounded-file.ts'
import { damaged } from '../local-files.ts'
import type { LocalImage } from '../local-image.ts'
import type { AirgapStore } from '../world.ts'
import { type BundledArchive, bundledArchive } from './bundled-archive.ts'
import { elsewhereIn, lookalikes } from './lookalikes.ts'
import { problemsOf } from './problems.ts'
import { type ReadBundle, readBundle } from './read-bundle.ts'
import { metadataFile, releaseFile } from './scan-bundle.ts'
import type { Stored } from './stored.ts'

export interface AirgapOptions {
  readonly signal: AbortSignal
  readonly progress: (text: string) => void
}

/** What a name leads to: the last of its kind, as every import writes over the one before. */
interface Named {
  readonly archive: BundledArchive
  readonly name: ImportedName
  /** How many different things have the name. */
  readonly images: number
}

interface Opened {
  readonly read: ReadBundle
  readonly fact: AirgapBundleFact
  readonly metadata: AirgapMetadata | undefined
  readonly archives: readonly BundledArchive[]
  readonly named: ReadonlyMap<string, Named>
}

/**
 * The bundle of `--airgap-bundle`, read once from its start to its end. What is wrong in it is a fact, not thrown.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE
 */
export const openAirgap = async (path: string, { signal, progress }: AirgapOptions): Promise<AirgapStore> => {
  await stat(path).catch((cause: unknown) => {
    throw fileFailure(path, '--airgap-bundle', cause)
  })
  let planned: readonly Stored[] = []
  const opened = await open(path, signal, progress, () => planned)
  const usable = (): Opened => {
    if ('read' in opened) return opened
    throw new PreflightError(opened.code, opened.message, { hint: opened.hint })
  }
  const namedFor = (image: string): Named | undefined => ('read' in opened ? opened.named.get(nameOr(image)) : undefined)

  return {
    path,
    reference: ({ image }) => (isLocalReference(image) ? undefined : referenceTo(path, image)),
    open(reference): LocalImage {
      const found = usable().named.get(reference.name ?? '')
      if (found !== undefined) return found.archive.image(found.name)
      throw new PreflightError('MANIFEST_NOT_FOUND', `${printable(path)} has no image under the name ${printable(reference.name ?? '')}.`, {
        hint: 'Put the image into the bundle under this name.',
      })
    },
    async look(plugin, platforms) {
      const identity = { plugin: plugin.plugin, image: plugin.image }
      try {
        return { ...identity, ok: true, ...(await describe(usable(), plugin, platforms)) }
      } catch (error) {
        return { ...identity, ...failure(error) }
      }
    },
    async plan(plugins, platforms) {
      const lists = await Promise.all(plugins.flatMap(({ image }) => platforms.map(async platform => layersOf(namedFor(image), platform))))
      planned = lists.flat()
    },
    release() {
      const { read } = usable()
      const last = read.scanned?.release.at(-1)
      if (last !== undefined) return { file: `${path}/${releaseFile}`, bytes: last }
      throw damaged(printable(path), `it has no ${releaseFile}, and so no Config`)
    },
    close: async () => ('read' in opened ? opened.read.close() : undefined),
  }
}

const open = async (
  path: string,
  signal: AbortSignal,
  progress: (text: string) => void,
  plan: () => readonly Stored[],
): Promise<Opened | Failure> => {
  try {
    const read = await readBundle(path, { signal, progress, plan })
    const archives = read.archives.map(archive => bundledArchive(path, archive, archive.source))
    const { metadata, fault } = metadataOf(read)
    const release = metadata && {
      app: metadata.appSlug,
      channel: metadata.channelName,
      channelId: metadata.channelId,
      version: metadata.versionLabel,
    }
    const fact = {
      path,
      kind: read.kind,
      ...(release && { release }),
      problems: [...problemsOf(read), ...(fault === undefined ? [] : [fault])],
      archives: archives.map(archive => archive.fact),
    }
    return { read, fact, metadata, archives, named: namesOf(archives) }
  } catch (error) {
    return failure(signal.aborted ? signal.reason : error)
  }
}

const metadataOf = ({ scanned }: ReadBundle): { readonly metadata?: AirgapMetadata; readonly fault?: string } => {
  const bytes = scanned?.metadata.at(-1)
  if (bytes === undefined) return {}
  try {
    return { metadata: parseAirgapMetadata(bytes, metadataFile) }
  } catch (error) {
    if (error instanceof PreflightError) return { fault: error.message }
    throw error
  }
}

const namesOf = (archives: readonly BundledArchive[]): ReadonlyMap<string, Named> => {
  const named = new Map<string, Named>()
  const targets = new Map<string, Set<string>>()
  for (const [index, archive] of archives.entries())
    for (const name of archive.names) {
      const seen = targets.get(name.name) ?? new Set()
      targets.set(name.name, seen.add(name.entry?.digest ?? `${index}/${name.number}`))
      named.set(name.name, { archive, name, images: seen.size })
    }
  return named
}

/** Nobody can write this as a reference: which image is read is said by the Config. */
const referenceTo = (path: string, image: string): LocalReference => {
  const name = nameOr(image)
  return { transport: 'airgap', path, name, text: `airgap:${path}:${name}` }
}

const nameOr = (image: string): string => {
  try {
    return nodeName(image)
  } catch {
    return ''
  }
}

const layersOf = async (found: Named | undefined, platform: string): Promise<readonly Stored[]> => {
  try {
    return found === undefined ? [] : await found.archive.layers(found.name, platform)
  } catch {
    // Whoever needs the image will be told why.
    return []
  }
}

type Described = Omit<Extract<AirgapFact, { ok: true }>, 'plugin' | 'image' | 'ok'>

const describe = async ({ fact, named, metadata, read }: Opened, { image }: Plugin, platforms: readonly string[]): Promise<Described> => {
  const name = nodeName(image)
  const found = named.get(name)
  const shared = { bundle: fact, name, ...lookalikes(name, named.keys()), ...elsewhereIn(name, metadata, read.scanned?.tags ?? []) }
  if (found === undefined) return shared
  const { archive, name: imported, images } = found
  return {
    ...shared,
    found: {
      archive: archive.fact.file,
      ...(imported.entry && { digest: imported.entry.digest }),
      images,
      platforms: await Promise.all(platforms.map(platform => archive.platform(imported, platform))),
    },
  }
}
