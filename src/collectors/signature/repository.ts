import type { Digest } from '../../digest.ts'
import type { SignatureHome } from '../../facts/signature.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { type ImageReference, nameOf } from '../../oci/reference.ts'
import { printable } from '../../redact.ts'
import type { Credential, ImageAccess, Referrers, ServedManifest } from '../../world/world.ts'
import type { CollectContext } from '../collector.ts'
import type { Budget } from './budget.ts'

/** A repository in which things hang on an image: the image's own, or another. */
export interface Repository {
  /** The folder or archive that is read instead. */
  readonly local?: string
  /** With registry, as in an image reference. */
  readonly name: string
  /** The same as a path of the registry's API, less what comes behind. */
  readonly path: string
  /** How facts call it, with each prefix that cosign's tags have there. */
  readonly homes: readonly SignatureHome[]
  manifest(reference: string): Promise<ServedManifest>
  /** Undefined where there is no referrers API. */
  referrers(subject: Digest): Promise<Referrers | undefined>
  /** @throws PreflightError BODY_TOO_LARGE too when the budget is used up */
  blob(descriptor: Descriptor, limitBytes: number): Promise<Uint8Array>
  /** Keeps the manifest of what is signed, from where the image is. */
  keepSubject(digest: Digest): Promise<void>
  /** @throws PreflightError BODY_TOO_LARGE when the budget is used up */
  keepManifest(bytes: Uint8Array): void
  keep(bytes: Uint8Array): Digest
}

/** Asks with the login that may; the image's own repository has one, another is tried with several. */
export type AskAs = <T>(ask: (as: Credential | undefined) => Promise<T>) => Promise<T>

export interface RepositoryOptions {
  readonly image: ImageReference
  readonly homes: readonly SignatureHome[]
  readonly askAs: AskAs
  readonly budget: Budget
  readonly keepSubject: (digest: Digest) => Promise<void>
}

export const createRepository = (
  { world: { registry }, keep }: Pick<CollectContext, 'world' | 'keep'>,
  { image, homes, askAs, budget, keepSubject }: RepositoryOptions,
): Repository => {
  const local = image.local && printable(`${image.local.transport}:${image.local.path}`)
  const read = new Map<string, Promise<Uint8Array>>()
  const readBlob = async (descriptor: Descriptor, limitBytes: number) => {
    // What says that it is larger than it may be is not read, and so costs nothing.
    if (descriptor.sizeBytes <= limitBytes) budget.take(descriptor.sizeBytes, 1)
    return askAs(as => registry.blobBytes(image, descriptor, limitBytes, as))
  }
  return {
    name: local ?? nameOf(image),
    path: local ?? `${image.host}/v2/${image.repository}`,
    homes,
    ...(local === undefined ? {} : { local }),
    manifest: reference => askAs(as => registry.manifest(image, reference, as)),
    referrers: subject => askAs(as => registry.referrers(image, subject, as)),
    // Signatures of several signers share their payload: it is read once. One that lies about its size is another.
    blob(descriptor, limitBytes) {
      const key = `${descriptor.digest} ${descriptor.sizeBytes}`
      const known = read.get(key) ?? readBlob(descriptor, limitBytes)
      read.set(key, known)
      return known
    },
    keepSubject,
    keepManifest(bytes) {
      budget.take(bytes.length, 0)
      keep(bytes)
    },
    keep,
  }
}

/** The image's own, as the login that opened the image sees it. */
export const ownRepository = (
  context: Pick<CollectContext, 'world' | 'keep'>,
  { image, opened }: ImageAccess,
  homes: readonly SignatureHome[],
  budget: Budget,
): Repository => {
  const askAs: AskAs = ask => ask(opened?.as)
  const { registry } = context.world
  const keepSubject = async (digest: Digest) => void context.keep((await registry.manifest(image, digest, opened?.as)).bytes)
  return createRepository(context, { image, homes, askAs, budget, keepSubject })
}
