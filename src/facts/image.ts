import type { Digest } from '../digest.ts'
import type { CredentialSource, Fact, Failure } from './fact.ts'

/** One login with which the reference was asked for. */
export type Attempt = { readonly credential: CredentialSource } & Fact<{ readonly digest: Digest }>

/** The image that a node of this platform would run. */
export type PlatformImage = { readonly platform: string } & Fact<{
  /** Of the image manifest that containerd takes for the platform. */
  readonly digest: Digest
  readonly mediaType: string
  /** `os/architecture[/variant]` as the image's config says. */
  readonly configPlatform: string
  /** Compressed, of all layers together. */
  readonly layersBytes: number
  readonly layers: number
}>

/** What a tag points at that stands beside a digest. */
export type TagFact = Fact<{
  readonly digest: Digest
  /** Whether it is an index with the digest that the reference names among its children. */
  readonly includes: boolean
}>

export type ImageFact = {
  readonly plugin: string
  readonly image: string
  /** As kubelet would ask, in its order, until one succeeded; empty when the reference is none. */
  readonly attempts: readonly Attempt[]
  /** What kubelet would not try: anonymously after a rejected login, and the user's docker config. */
  readonly otherAttempts: readonly Attempt[]
} & Fact<{
  /** Normalized: `registry/repository[:tag][@digest]`. */
  readonly reference: string
  /** Host that answered, with port. */
  readonly host: string
  /** Computed from the bytes that were served. */
  readonly digest: Digest
  readonly mediaType: string
  readonly kind: 'index' | 'manifest'
  readonly credential: CredentialSource
  /** All that the index offers, without attestation manifests; of a single manifest, that of its config. */
  readonly platforms: readonly string[]
  readonly required: readonly PlatformImage[]
  /** Only when the reference has tag and digest. */
  readonly tag?: TagFact
  /** `Warning` headers and the like, for the user. */
  readonly warnings: readonly string[]
}>

/** Why no attempt succeeded: what kubelet would report last. Of an empty list: our own defect. */
export const lastFailure = (attempts: readonly Attempt[]): Failure => {
  const last = attempts.findLast(attempt => !attempt.ok)
  if (last === undefined || last.ok) return { ok: false, code: 'INTERNAL', message: 'The image was not asked for.' }
  const { code, message, hint } = last
  return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
}
