import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { imageFor, manifestOf, parseArchiveManifest } from '../oci/docker-archive.ts'
import type { LocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import type { ArchiveFiles } from './archive-files.ts'
import { damaged, type LocalFile, readWhole } from './local-files.ts'
import { type LocalImage, verified } from './local-image.ts'
import type { ServedManifest } from './world.ts'

const maxManifestBytes = 4 << 20

interface Opened {
  readonly served: ServedManifest
  readonly blobs: ReadonlyMap<Digest, LocalFile>
}

/**
 * An image of a docker archive: what `docker save`, `podman save`, skopeo and crane write. It has no manifest as registries have
 * one, so that one is made of the files, and nothing hangs on it.
 *
 * @param files with their digests
 */
export const dockerArchiveImage = (reference: LocalReference, files: ArchiveFiles): LocalImage => {
  const what = printable(`docker-archive:${reference.path}`)
  let opening: Promise<Opened> | undefined
  const opened = () => {
    opening ??= open(reference, files, what)
    return opening
  }
  return {
    root: async () => (await opened()).served,
    async manifest(wanted) {
      const { served } = await opened()
      if (wanted === served.digest) return served
      throw new PreflightError('MANIFEST_NOT_FOUND', `${what} has nothing under ${printable(wanted)}.`)
    },
    async *blob(descriptor) {
      yield* verified((await opened()).blobs.get(descriptor.digest), descriptor, what)
    },
    referrers: async () => undefined,
  }
}

const open = async (reference: LocalReference, files: ArchiveFiles, what: string): Promise<Opened> => {
  const list = await files.find('manifest.json')
  if (list === undefined) throw damaged(what, await missing(files))
  const image = imageFor(reference, parseArchiveManifest(await readWhole(list, maxManifestBytes, `manifest.json in ${what}`), what))
  const find = async (name: string) => {
    const file = await files.find(name.replace(/^(?:\.?\/)+/, ''))
    if (file?.digest !== undefined) return { ...file, digest: file.digest }
    throw new PreflightError('BLOB_NOT_FOUND', `${what} does not have the file ${printable(name)}, although its manifest.json names it.`, {
      hint: 'Write the archive again: a part of it is lost.',
    })
  }
  const config = await find(image.config)
  const layers = await Promise.all(image.layers.map(find))
  const made = manifestOf(config, layers)
  return {
    served: { ...made, host: what, warnings: [] },
    blobs: new Map([config, ...layers].map(file => [file.digest, file])),
  }
}

const missing = async (files: ArchiveFiles): Promise<string> => {
  if ((await files.find('index.json')) !== undefined) return 'it has no manifest.json; it looks like an OCI layout (oci-archive:FILE)'
  if ((await files.find('repositories')) !== undefined)
    return 'it has no manifest.json: a docker older than 1.10 wrote it. Save the image with a current one'
  return 'it has no manifest.json, so it is no docker archive'
}
