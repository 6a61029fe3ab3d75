import type { Digest } from './digest.ts'
import type { AirgapFact } from './facts/airgap.ts'
import type { BinariesFact } from './facts/binaries.ts'
import type { ClusterFact } from './facts/cluster.ts'
import type { ConfigFact } from './facts/config.ts'
import type { ImageFact } from './facts/image.ts'
import type { InstalledFact } from './facts/installed.ts'
import type { NodesFact } from './facts/nodes.ts'
import type { PullSecretFact } from './facts/pull-secret.ts'
import type { SignatureFact } from './facts/signature.ts'
import type { UpgradeFact } from './facts/upgrade.ts'
import type { VeleroFact } from './facts/velero.ts'
import type { VulnerabilityFact } from './facts/vulnerability.ts'

/** Of `velero-plugins/collection.json`, and of facts whose kind is not named below. */
export const schemaVersion = 1

/** Of `velero-plugins/facts/<kind>.json`, where its shape has grown; older versions stay readable. Signatures of 2 have attestations. */
const grown: { readonly [K in FactKind]?: number } = { signature: 2 }

export const schemaVersionOf = (kind: FactKind): number => grown[kind] ?? schemaVersion

/** What collectors write and analyzers read: a list of items for each kind. */
export interface Facts {
  readonly config: ConfigFact
  /** Only with `--from-cluster`. */
  readonly cluster: ClusterFact
  /** Only with `--airgap-bundle`. */
  readonly airgap: AirgapFact
  readonly image: ImageFact
  readonly pullSecret: PullSecretFact
  readonly binaries: BinariesFact
  readonly signature: SignatureFact
  /** Only with `--scanner`. */
  readonly vulnerability: VulnerabilityFact
  /** At most one; only for the check `upgrade`. */
  readonly installed: InstalledFact
  readonly upgrade: UpgradeFact
  /** At most one: of the cluster, or of the support bundle in its place. */
  readonly velero: VeleroFact
  /** One for each node; only with `--nodes`. */
  readonly nodes: NodesFact
}

export type FactKind = keyof Facts

/**
 * What can be checked. Attestations have no facts of their own: they come with all else that hangs on an image. Of the installed
 * Config nothing is said but by comparing.
 */
export type CheckKind = Exclude<FactKind, 'installed'> | 'attestation'

/** What a check rests on. */
export const factsFor = (check: CheckKind): readonly FactKind[] => {
  if (check === 'attestation') return ['signature']
  if (check === 'upgrade') return ['installed', 'image', 'binaries', 'upgrade']
  return check === 'vulnerability' ? ['signature', 'vulnerability'] : [check]
}

/** Kinds whose items are each about one plugin. */
export type PluginFactKind = Exclude<FactKind, WholeKind | 'velero'>

type WholeKind = 'config' | 'cluster' | 'installed' | 'nodes'

export const isPluginFactKind = (kind: string): kind is PluginFactKind => isPluginKind(kind) && kind !== 'velero' && kind !== 'attestation'

/** Whether a check gives a result for each plugin. */
export const isPluginKind = (check: string): check is Exclude<CheckKind, WholeKind> =>
  check !== 'config' && check !== 'cluster' && check !== 'installed' && check !== 'nodes'

/** Everything that collecting brought: what a bundle holds, and all that analyzing needs beside the user's trust and policy. */
export interface Collection {
  /** RFC 3339, UTC. */
  readonly collectedAt: string
  /** Of the program that collected. */
  readonly version: string
  readonly platforms: readonly string[]
  /** Absent: not noted, by an older version. */
  readonly platformsFrom?: PlatformsFrom
  readonly schema: ConfigSchema
  /** What was asked for; `analyze` without a spec judges these. */
  readonly checks: readonly CheckKind[]
  readonly facts: { readonly [K in FactKind]?: readonly Facts[K][] }
  readonly blobs: ReadonlyMap<Digest, Uint8Array>
}

/** Who says for which platforms images are needed: `--platform`, the cluster's nodes, or nobody. */
export type PlatformsFrom = 'flag' | 'nodes' | 'default'

/** How the Config is read (design.md 4, Config). */
export type ConfigSchema = 'auto' | 'embedded-cluster' | 'proposal'
