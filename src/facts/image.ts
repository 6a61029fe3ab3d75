import type { Digest } from '../digest.ts'
import type { CredentialSource, Fact, Failure } from './fact.ts'

/** One login with which the reference was asked for. */
export type Attempt = { readonly credential: CredentialSource } & Fact<{ readonly digest: Digest }>

/** A host that a node asks before the one that served, and why that was not it. */
export interface PassedOver {
  readonly host: string
  /** Absent when no answer came. */
  readonly status?: number
  /** Without a full stop or with one; printable, without secrets. */
  readonly message: string
}

/** What a node's settings (containerd's hosts.toml and older tables) make of the registry. */
export interface NodeRoute {
  /** The files or the folder that say so; empty when none speaks of the registry. */
  readonly files: readonly string[]
  /** In the order in which a node asks them, with port. */
  readonly hosts: readonly {
    readonly host: string
    /** Asked in plain HTTP, or where TLS fails. */
    readonly plain: boolean
    /** Its certificate is not checked. */
    readonly unverified: boolean
    /** Whether it may say what a tag points at. */
    readonly resolves: boolean
  }[]
  /** `off`: hosts that somebody meant to be asked are not; `doubtful`: what else does not do what it says. */
  readonly problems: readonly { readonly effect: 'off' | 'doubtful'; readonly message: string }[]
}

/** From where the settings of the network come, where not from this machine alone. */
export interface NetworkSource {
  /** A file, or `the environment`; absent: there is no proxy. */
  readonly proxy?: string
  /** The file of the trusted authorities; absent: those of this machine. */
  readonly authorities?: string
}

/** What a registry says is left to pull (Docker Hub's `ratelimit-*` headers). */
export interface Quota {
  readonly remaining: number
  readonly limit?: number
  readonly windowSeconds?: number
}

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
  /** Absent: no settings of a node were given, or they were not asked for. */
  readonly node?: NodeRoute
  /** Absent: no settings of a node were given (`--node-settings`). */
  readonly network?: NetworkSource
} & Fact<{
  /** Normalized: `registry/repository[:tag][@digest]`; of a folder or archive as it was written. */
  readonly reference: string
  /** Host that answered, with port: of a tag, the one that said what it points at. */
  readonly host: string
  /** Host that the manifest came from, where that is another. */
  readonly fetchedFrom?: string
  readonly passedOver?: readonly PassedOver[]
  /** What the registry itself says that the tag points at, where a mirror answered. */
  readonly upstream?: Digest
  readonly quota?: Quota
  /** Host and port of the proxy that the answer came through. */
  readonly proxy?: string
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

/** The folder or archive that was read instead of a registry, as it was named; undefined when a registry was asked. */
export const readFrom = (attempts: readonly Attempt[]): string | undefined => {
  const credential = attempts[0]?.credential
  return credential?.kind === 'local' ? credential.reference : undefined
}

/** Whether that was the bundle of `--airgap-bundle`, from which nodes have it too. */
export const isInBundle = (attempts: readonly Attempt[]): boolean => readFrom(attempts)?.startsWith('airgap:') === true

/** Why no attempt succeeded: what kubelet would report last. Of an empty list: our own defect. */
export const lastFailure = (attempts: readonly Attempt[]): Failure => {
  const last = attempts.findLast(attempt => !attempt.ok)
  if (last === undefined || last.ok) return { ok: false, code: 'INTERNAL', message: 'The image was not asked for.' }
  const { code, message, hint } = last
  return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
}
