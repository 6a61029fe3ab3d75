import type { Digest } from '../../digest.ts'
import { PreflightError } from '../../errors.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { nameOf } from '../../oci/reference.ts'
import { printable } from '../../redact.ts'
import type { ImageAccess, Referrers, ServedManifest } from '../../world/world.ts'
import type { CollectContext } from '../collector.ts'

/** Of one signature, of all signatures of one plugin, and how many are read at one place, newest (last) first. */
export const limits = { signatureBytes: 8 << 20, pluginBytes: 64 << 20, perPlace: 64 }

/** The image's repository, as the login that opened the image sees it. */
export interface Repository {
  /** The folder or archive that is read instead. */
  readonly local?: string
  /** With registry, as in an image reference. */
  readonly name: string
  /** The same as a path of the registry's API, less what comes behind. */
  readonly path: string
  manifest(reference: string): Promise<ServedManifest>
  referrers(subject: Digest): Promise<Referrers>
  blob(descriptor: Descriptor, limitBytes: number): Promise<Uint8Array>
  keep(bytes: Uint8Array): Digest
}

export const repositoryOf = ({ world: { registry }, keep }: CollectContext, { image, opened }: ImageAccess): Repository => {
  let leftBytes = limits.pluginBytes
  const local = image.local && printable(`${image.local.transport}:${image.local.path}`)
  const read = new Map<Digest, Promise<Uint8Array>>()
  const blob = (descriptor: Descriptor, limitBytes: number) => {
    leftBytes -= descriptor.sizeBytes
    if (leftBytes >= 0) return registry.blobBytes(image, descriptor, limitBytes, opened?.as)
    throw new PreflightError('BODY_TOO_LARGE', `There are more than ${limits.pluginBytes >> 20} MiB of signatures.`)
  }
  return {
    name: local ?? nameOf(image),
    path: local ?? `${image.host}/v2/${image.repository}`,
    ...(local === undefined ? {} : { local }),
    manifest: reference => registry.manifest(image, reference, opened?.as),
    referrers: subject => registry.referrers(image, subject, opened?.as),
    // Signatures of several signers share their payload: it is read once.
    blob: async (descriptor, limitBytes) => {
      const known = read.get(descriptor.digest) ?? blob(descriptor, limitBytes)
      read.set(descriptor.digest, known)
      return known
    },
    keep,
  }
}
