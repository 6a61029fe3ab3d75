import type { Digest } from '../digest.ts'
import type { CredentialSource, Fact } from './fact.ts'

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

export type ImageFact = {
  readonly plugin: string
  readonly image: string
  /** As kubelet would ask, in its order, until one succeeded. */
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
  /** All that the index offers, without attestation manifests; one for a single manifest. */
  readonly platforms: readonly string[]
  readonly required: readonly PlatformImage[]
  /** What the tag points at, when the reference has tag and digest. */
  readonly tagDigest?: Fact<{ readonly digest: Digest }>
  /** `Warning` headers and the like, for the user. */
  readonly warnings: readonly string[]
}>
