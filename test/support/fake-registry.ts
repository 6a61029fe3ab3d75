import { type ErrorCode, PreflightError } from '../../src/errors.ts'
import type { Credential, RegistryClient } from '../../src/world/world.ts'
import type { Served, TestImage } from './image-documents.ts'

/** `user:password`, or `anonymous`. */
export type Asker = string

export interface FakeRegistry extends RegistryClient {
  /** `reference as asker`, in the order of the questions. */
  readonly asked: string[]
}

export interface FakeRegistryOptions {
  /** By tag; digests of all documents are served besides. */
  readonly tags?: Readonly<Record<string, Served>>
  readonly documents?: readonly (Served | TestImage)[]
  /** Who may pull; default: anyone. */
  readonly allowed?: readonly Asker[]
  /** For a tag or digest, or `*` for all. */
  readonly faults?: Readonly<Record<string, ErrorCode>>
  readonly warnings?: readonly string[]
}

export const askerOf = (as: Credential | undefined): Asker =>
  as === undefined ? 'anonymous' : `${as.username}:${as.password || as.identityToken}`

/** A registry without a network: it serves documents to whom it may, and faults where it is told. */
export const fakeRegistry = (options: FakeRegistryOptions = {}): FakeRegistry => {
  const { tags = {}, documents = [], allowed, faults = {}, warnings = [] } = options
  const all = [...Object.values(tags), ...documents.flatMap(one => ('config' in one ? [one.config, one.manifest] : [one]))]
  const asked: string[] = []
  const fail = (code: ErrorCode) => new PreflightError(code, `The registry says ${code}.`, { hint: 'Do something.' })
  const find = (reference: string, as: Credential | undefined): Served => {
    const asker = askerOf(as)
    asked.push(`${reference} as ${asker}`)
    const fault = faults[reference] ?? faults['*']
    if (fault !== undefined) throw fail(fault)
    if (allowed !== undefined && !allowed.includes(asker)) throw fail('REGISTRY_UNAUTHORIZED')
    const found = tags[reference] ?? all.find(({ digest }) => digest === reference)
    if (found === undefined) throw fail('MANIFEST_NOT_FOUND')
    return found
  }
  return {
    asked,
    manifest: async (image, reference, as) => {
      const { bytes, mediaType, digest } = find(reference, as)
      return { bytes, mediaType, digest, host: image.host, warnings }
    },
    blobBytes: async (_image, { digest }, _limitBytes, as) => find(digest, as).bytes,
    blob: () => {
      throw new Error('no layer is needed')
    },
    hasBlob: async () => false,
    referrers: async () => undefined,
    close: async () => undefined,
  }
}
