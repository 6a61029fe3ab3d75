import type { Digest } from '../digest.ts'
import type { ChannelRelease } from './config.ts'
import type { Fact } from './fact.ts'

/** What `--airgap-bundle` named, as far as it is not about one image. */
export interface AirgapBundleFact {
  /** As given. */
  readonly path: string
  /** `bundle`: what an installation is given, packed or unpacked. `images`: an archive of images or a folder of them, as a node has. */
  readonly kind: 'bundle' | 'images'
  readonly release?: {
    readonly app: string
    readonly channel: string
    /** Absent: written by an older version. */
    readonly channelId?: string
    readonly version: string
  }
  /** The release that `--config` brought beside the Config, which an installer compares with the bundle's; absent: none. */
  readonly installer?: ChannelRelease
  /** Why Embedded Cluster would not install from it, each a sentence. */
  readonly problems: readonly string[]
  /** In the order in which a node imports them. */
  readonly archives: readonly ImageArchiveFact[]
}

/** An archive that a node imports. */
export interface ImageArchiveFact {
  /** Its name in the bundle or folder. */
  readonly file: string
  readonly sizeBytes: number
  readonly format?: 'oci' | 'docker'
  /** How many names it gives. */
  readonly names: number
  /** Why containerd imports nothing of it, as the end of a sentence. */
  readonly fault?: string
}

/** The image that a node of this platform would run. */
export type BundledPlatform = { readonly platform: string } & Fact<{
  /** Of its manifest; absent in a docker archive. */
  readonly digest?: Digest
  /** Its config's. */
  readonly configPlatform: string
  readonly layers: number
  /** Layers that the archive does not have in the size that the manifest gives: digests, or names in a docker archive. */
  readonly missing: readonly string[]
}>

/** Whether the image of a plugin is among those that a node has imported before it starts anything. */
export type AirgapFact = { readonly plugin: string; readonly image: string } & Fact<{
  readonly bundle: AirgapBundleFact
  /** What the node looks for. */
  readonly name: string
  /** What it finds. */
  readonly found?: {
    /** {@link ImageArchiveFact.file} */
    readonly archive: string
    /** Of what the name points at; absent in a docker archive. */
    readonly digest?: Digest
    /** How many different images have the name; the last one counts. */
    readonly images: number
    readonly platforms: readonly BundledPlatform[]
  }
  /** Names that mean this image and that no node looks for, at most ten. */
  readonly misnamed: readonly string[]
  /** Other images of the same repository, or else of the same last component, at most ten. */
  readonly near: readonly string[]
  /** Where else in the bundle the image is, from which no node gets it. */
  readonly elsewhere: readonly { readonly kind: 'savedImages' | 'registry' | 'images'; readonly name: string }[]
  /** Other images of `savedImages` that get the same name in the registry of the cluster. */
  readonly collides: readonly string[]
}>
