import { stat } from 'node:fs/promises'
import { PreflightError } from '../errors.ts'
import type { LocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import { openArchive } from './archive-files.ts'
import { fileFailure } from './bounded-file.ts'
import { dockerArchiveImage } from './docker-archive.ts'
import { layoutImage } from './layout-image.ts'
import { tooLarge } from './local-files.ts'
import type { LocalImage } from './local-image.ts'
import { openLayoutFolder } from './oci-layout.ts'
import type { AirgapStore, RegistryClient, ServedManifest } from './world.ts'

/** The images of folders and archives, each opened once. */
export interface LocalImages {
  /** What the reference points at. @throws PreflightError with a code of exit 3 */
  root(reference: LocalReference): Promise<ServedManifest>
  /** A client that reads images which are local where they are, and asks `registry` for all others; closes both. */
  before(registry: RegistryClient): RegistryClient
}

/** @param airgap closed by who opened it */
export const createLocalImages = (signal: AbortSignal, airgap?: AirgapStore): LocalImages => {
  const sources = new Map<string, Promise<Source>>()
  const images = new Map<string, Promise<LocalImage>>()
  const once = <T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> => {
    const made = known.get(key) ?? make()
    known.set(key, made)
    return made
  }
  const imageOf = (reference: LocalReference): Promise<LocalImage> =>
    once(images, reference.text, async () => {
      if (reference.transport === 'airgap') return bundled(airgap).open(reference)
      const source = await once(sources, `${reference.transport}:${reference.path}`, () => openSource(reference, signal))
      return source.image(reference)
    })
  return {
    root: async reference => (await imageOf(reference)).root(),
    before: registry => ({
      ...registry,
      manifest: async (image, reference, as) =>
        image.local === undefined ? registry.manifest(image, reference, as) : (await imageOf(image.local)).manifest(reference),
      blob: (image, descriptor, as) =>
        image.local === undefined
          ? registry.blob(image, descriptor, as)
          : later(imageOf(image.local).then(local => local.blob(descriptor))),
      // What lies here is soon read.
      blobRange: async (image, descriptor, range, as) =>
        image.local === undefined ? registry.blobRange?.(image, descriptor, range, as) : undefined,
      hasBlob: async (image, descriptor, as) => image.local === undefined && registry.hasBlob(image, descriptor, as),
      async blobBytes(image, descriptor, limitBytes, as) {
        if (image.local === undefined) return registry.blobBytes(image, descriptor, limitBytes, as)
        if (descriptor.sizeBytes > limitBytes) throw tooLarge(`the blob ${descriptor.digest}`, descriptor.sizeBytes, limitBytes)
        const chunks: Uint8Array[] = []
        for await (const chunk of (await imageOf(image.local)).blob(descriptor)) chunks.push(chunk)
        return Buffer.concat(chunks)
      },
      referrers: async (image, subject, as) =>
        image.local === undefined ? registry.referrers(image, subject, as) : (await imageOf(image.local)).referrers(subject),
      async close() {
        await Promise.all([
          registry.close(),
          ...[...sources.values()].map(source =>
            source.then(
              one => one.close(),
              () => undefined,
            ),
          ),
        ])
      },
    }),
  }
}

const bundled = (airgap: AirgapStore | undefined): AirgapStore => {
  if (airgap === undefined) throw new TypeError('there is no air-gap bundle')
  return airgap
}

interface Source {
  image(reference: LocalReference): LocalImage
  close(): Promise<void>
}

const openSource = async ({ transport, path }: LocalReference, signal: AbortSignal): Promise<Source> => {
  const what = printable(`${transport}:${path}`)
  if (transport === 'docker-archive') {
    const files = await openArchive(path, what, { hashed: true, signal })
    return { image: reference => dockerArchiveImage(reference, files), close: () => files.close() }
  }
  const files = transport === 'oci' ? await openLayoutFolder(path, what, signal) : await openArchive(path, what, { hashed: false, signal })
  return { image: reference => layoutImage(reference, files), close: () => files.close() }
}

async function* later(opening: Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await opening
}

/**
 * That folders and archives are there, before anything is reached; `named` says what named them.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE; USAGE for a folder where a file is named, and the other way round
 */
export const requireLocalImages = async (references: Iterable<LocalReference>, named = '--image'): Promise<void> => {
  for (const { transport, path, text } of references) {
    if (transport === 'airgap') continue
    const stats = await stat(path).catch((cause: unknown) => {
      throw fileFailure(path, named, cause)
    })
    const wanted = transport === 'oci'
    if (stats.isDirectory() === wanted) continue
    throw new PreflightError('USAGE', `${named} ${printable(text)}: ${printable(path)} is ${wanted ? 'a file' : 'a folder'}.`, {
      hint: wanted
        ? 'An archive of an OCI layout is oci-archive:FILE, one of docker save docker-archive:FILE.'
        : 'A folder with an OCI layout is oci:FOLDER.',
    })
  }
}
