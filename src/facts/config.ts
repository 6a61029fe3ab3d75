import type { Position } from '../position.ts'

export type { Position } from '../position.ts'

/** A text of the Config and where it stands. */
export interface Written {
  /** As Embedded Cluster reads it. */
  readonly text: string
  /** As it stands in the file, where YAML makes another text of it: `yes` is read as `true`. */
  readonly source?: string
  /** The field as it is spelt, where case differs: `Image`. */
  readonly key?: string
  readonly position: Position
}

/** A field that Embedded Cluster does not know and so ignores. */
export interface IgnoredField {
  /** `spec.extensions.velero.plugin`. */
  readonly path: string
  readonly key: string
  readonly position: Position
  /** The field that was probably meant. */
  readonly meant?: string
}

/** An entry of `spec.extensions.velero.plugins`. */
export interface ConfigPlugin {
  /** What every message calls it: its name, or the one derived from its image; unique among all plugins of the run. */
  readonly plugin: string
  /** From 0, as Embedded Cluster counts. */
  readonly index: number
  readonly position: Position
  /** Absent: not written, or null. May be empty. */
  readonly name?: Written
  readonly image?: Written
  readonly imagePullPolicy?: Written
  /** `text` is empty when it is not a text but a list or a mapping. */
  readonly imagePullSecret?: Written
  readonly ignored: readonly IgnoredField[]
}

/** The override of the built-in extension velero: Helm values that are merged over Embedded Cluster's own. */
export interface VeleroOverride {
  readonly position: Position
  /** Why its values are no YAML mapping. */
  readonly problem?: string
  /** Present when the override sets init containers, which then replace all that Embedded Cluster has put there. */
  readonly initContainers?: readonly { readonly name: string; readonly image: string }[]
  /** Pull secrets that the override gives to Velero's pod. */
  readonly imagePullSecrets: readonly string[]
  /** Those that it gives to the pod's service account; absent: none. */
  readonly accountPullSecrets?: readonly string[]
}

/** The stage that the feature is in, where it is another than Embedded Cluster's own (`--stage`). */
export interface Gate {
  readonly stage: 'alpha' | 'beta' | 'ga'
  /** How many plugins are left out because the feature is off; absent: it is on. */
  readonly off?: number
}

/** What a release says of itself, which an installer carries too. */
export interface ChannelRelease {
  readonly file: string
  readonly appSlug: string
  readonly channelId: string
  readonly versionLabel: string
  /** Takes the place of `proxy.replicated.com` at an installation, where the Config names no domain. */
  readonly proxyRegistryDomain?: string
}

/** One Embedded Cluster Config as written: enough to judge it without the file. */
export interface ConfigFact {
  readonly ok: true
  /** Where the document starts. */
  readonly position: Position
  readonly apiVersion: Written
  /** Whether Embedded Cluster finds it in a release: it searches for `apiVersion: …` and `kind: Config` as plain text. */
  readonly found: boolean
  /** The text for which Embedded Cluster takes the document for something else, although it finds both. */
  readonly claimedBy?: string
  /** What Embedded Cluster takes for its Config instead, where it finds those texts in another document later in the release. */
  readonly taken?: { readonly position: Position; readonly kind: string }
  /** A document that Embedded Cluster takes for a Config too, and why it cannot decode it. */
  readonly undecodable?: { readonly position: Position; readonly why: string }
  /** `spec.version`. */
  readonly version?: Written
  /** `spec.domains.proxyRegistryDomain`: takes the place of `proxy.replicated.com` in every image. */
  readonly proxyRegistryDomain?: Written
  /** `spec.extensions.velero.pluginsEnabled`, the proposal's switch. */
  readonly pluginsEnabled?: Written
  /** Absent: `ga`, or written by an older version. */
  readonly gate?: Gate
  readonly plugins: readonly ConfigPlugin[]
  /** Outside of plugins, on the way to them. */
  readonly ignored: readonly IgnoredField[]
  /** Fields outside of plugins whose case is wrong. */
  readonly misspelt: readonly IgnoredField[]
  readonly override?: VeleroOverride
  /** Of the release or installer that the Config was read from; absent: it came without one. */
  readonly release?: ChannelRelease
}
