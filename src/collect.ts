import { airgap } from './collectors/airgap.ts'
import { binaries } from './collectors/binaries.ts'
import { cluster } from './collectors/cluster.ts'
import type { CollectContext, Collector } from './collectors/collector.ts'
import { config } from './collectors/config.ts'
import { image } from './collectors/image.ts'
import { installed } from './collectors/installed.ts'
import { nodes } from './collectors/nodes.ts'
import { pullSecret } from './collectors/pull-secret.ts'
import { signature } from './collectors/signature.ts'
import { upgrade } from './collectors/upgrade.ts'
import { velero } from './collectors/velero.ts'
import { vulnerability } from './collectors/vulnerability.ts'
import { type Digest, sha256 } from './digest.ts'
import { failure } from './facts/fact.ts'
import { type CheckKind, type Collection, type ConfigSchema, type FactKind, type Facts, factsFor } from './facts.ts'
import { version } from './version.ts'

/** Every collector; the compiler asks for the one that a new kind of fact lacks. */
export const collectors: { readonly [K in FactKind]: Collector<K> } = {
  config,
  cluster,
  airgap,
  image,
  pullSecret,
  binaries,
  signature,
  vulnerability,
  installed,
  upgrade,
  velero,
  nodes,
}

export interface CollectOptions {
  readonly checks: readonly CheckKind[]
  readonly schema: ConfigSchema
  readonly context: Omit<CollectContext, 'keep' | 'progress'>
  readonly progress?: (event: ProgressEvent) => void
}

/** A collector begins or ends, or says what it is at. */
export interface ProgressEvent {
  readonly check: FactKind
  readonly state: 'began' | 'ended' | 'at'
  readonly text?: string
}

/**
 * Runs the collectors side by side. Nothing is judged and nothing is thrown: what could not be had is a fact that says so,
 * also when a collector dies.
 */
export const collect = async ({ checks, schema, context, progress = () => {} }: CollectOptions): Promise<Collection> => {
  const blobs = new Map<Digest, Uint8Array>()
  const keep = (bytes: Uint8Array): Digest => {
    const digest = sha256(bytes)
    blobs.set(digest, bytes)
    return digest
  }
  const collectOne = async (kind: FactKind): Promise<readonly [FactKind, readonly unknown[]]> => {
    progress({ check: kind, state: 'began' })
    try {
      return [kind, await collectors[kind].collect({ ...context, keep, progress: text => progress({ check: kind, state: 'at', text }) })]
    } catch (error) {
      return [kind, context.plugins.map(({ plugin, image }) => ({ plugin, image, ...failure(error) }))]
    } finally {
      progress({ check: kind, state: 'ended' })
    }
  }
  // The Config is what the plugins come from: a bundle without it could not be judged.
  const kinds = [...new Set<FactKind>(['config', ...checks.flatMap(factsFor)])]
  const facts = Object.fromEntries(await Promise.all(kinds.map(collectOne))) as { [K in FactKind]?: readonly Facts[K][] }
  const { platforms } = context
  return { collectedAt: context.world.now.toISOString(), version, platforms, schema, checks, facts, blobs }
}
