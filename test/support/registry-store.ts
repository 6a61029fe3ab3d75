import { type Digest, sha256 } from '../../src/digest.ts'

export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

interface Repository {
  readonly blobs: Map<Digest, Uint8Array>
  readonly manifests: Map<Digest, StoredManifest>
  readonly tags: Map<string, Digest>
}

/** What an index or manifest says that a registry looks at. */
interface Document {
  readonly artifactType?: string
  readonly config?: { readonly mediaType?: string }
  readonly subject?: { readonly digest?: string }
  readonly annotations?: Readonly<Record<string, string>>
  readonly manifests?: readonly { readonly digest: string; readonly mediaType: string }[]
}

export const indexType = 'application/vnd.oci.image.index.v1+json'

export interface Store {
  putBlob(repository: string, bytes: Uint8Array): Digest
  /** Stores under its digest, and under `reference` too when that is a tag or another digest (a registry that lies). */
  putManifest(repository: string, reference: string | undefined, mediaType: string, bytes: Uint8Array): Digest
  blob(repository: string, digest: string): Uint8Array | undefined
  manifest(repository: string, reference: string): StoredManifest | undefined
  has(repository: string): boolean
  /** Descriptors of the manifests whose `subject` is `digest` (distribution-spec 1.1 "Listing Referrers"). */
  referrers(repository: string, digest: string): readonly object[]
}

export const createStore = (): Store => {
  const repositories = new Map<string, Repository>()
  const of = (name: string): Repository => {
    const known = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() }
    repositories.set(name, known)
    return known
  }
  return {
    putBlob(repository, bytes) {
      const digest = sha256(bytes)
      of(repository).blobs.set(digest, bytes)
      return digest
    },
    putManifest(repository, reference, mediaType, bytes) {
      const digest = sha256(bytes)
      of(repository).manifests.set(digest, { digest, mediaType, bytes })
      if (reference?.includes(':')) of(repository).manifests.set(reference, { digest, mediaType, bytes })
      else if (reference !== undefined) of(repository).tags.set(reference, digest)
      return digest
    },
    blob: (repository, digest) => repositories.get(repository)?.blobs.get(digest),
    manifest(repository, reference) {
      const found = repositories.get(repository)
      return found?.manifests.get(found.tags.get(reference) ?? reference)
    },
    has: repository => repositories.has(repository),
    referrers: (repository, digest) =>
      [...(repositories.get(repository)?.manifests.values() ?? [])]
        .filter(manifest => documentOf(manifest.bytes).subject?.digest === digest)
        .map(descriptorOf),
  }
}

export const documentOf = (bytes: Uint8Array): Document => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

const descriptorOf = ({ mediaType, digest, bytes }: StoredManifest): object => {
  const { artifactType, config, annotations } = documentOf(bytes)
  return { mediaType, digest, size: bytes.length, artifactType: artifactType ?? config?.mediaType, annotations }
}
