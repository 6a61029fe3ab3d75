import type { Digest } from '../digest.ts'
import type { Fact } from './fact.ts'

export interface LayerSize {
  readonly digest: Digest
  /** Compressed. */
  readonly sizeBytes: number
}

/** What a node of this platform runs of an image, and what it pulls for that. */
export type PlatformBytes = { readonly platform: string } & Fact<{
  /** Of the image manifest. */
  readonly digest: Digest
  /** Of the image's config: what a node calls an image that it was given as a file. */
  readonly config: Digest
  readonly layers: readonly LayerSize[]
}>

/** What the registry has under a digest that a pod runs, or a node has. */
export type OtherImage = { readonly digest: Digest } & Fact<{ readonly platforms: readonly PlatformBytes[] }>

/** The bytes that a plugin's new reference stands for, and those of the same repository that are in the cluster. */
export type UpgradeFact = { readonly plugin: string; readonly image: string } & Fact<{
  /** Of what the reference points at: an index, or an image manifest. */
  readonly digest: Digest
  readonly platforms: readonly PlatformBytes[]
  /** At most {@link maxOthers}. */
  readonly others: readonly OtherImage[]
}>

/** A node has as many as there were upgrades; what goes beyond is counted as unknown. */
export const maxOthers = 8
