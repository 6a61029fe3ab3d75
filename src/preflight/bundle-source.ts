import type { BundleContent, Wanted } from '../bundle/content.ts'
import { collectionOf, hasCollection } from '../bundle/layout.ts'
import { openBundle, ownFiles } from '../bundle.ts'
import type { BundleChecks } from '../chosen-checks.ts'
import type { ClusterFact } from '../facts/cluster.ts'
import { type CheckKind, type Collection, type FactKind, factsFor, isPluginFactKind } from '../facts.ts'
import type { Settings } from '../settings.ts'
import { wantedOfCluster } from '../world/bundle-paths.ts'

/** A bundle that a run reads from. */
export interface BundleSource {
  readonly path: string
  readonly content: BundleContent
  /** Whether it tells of a cluster: one of troubleshoot's does, even if it lacks everything. */
  readonly hasCluster: boolean
  /** What this program has collected into it, as far as it still stands beside what was named on the command line. */
  readonly kept: Collection | undefined
}

/**
 * The bundle of `--bundle`, or of `--into`: then the facts in it are those that are to be replaced.
 *
 * @throws PreflightError FILE_…, BUNDLE_INVALID
 */
export const openSource = async (settings: Settings, signal: AbortSignal): Promise<BundleSource | undefined> => {
  const { fromBundle, into, namespace } = settings
  const path = fromBundle ?? into
  if (path === undefined) return undefined
  const ofCluster = wantedOfCluster(namespace)
  const wanted: Wanted = fromBundle === undefined ? ofCluster : name => ownFiles(name) ?? ofCluster(name)
  const content = await openBundle(path, wanted, signal)
  const own = hasCollection(content) ? collectionOf(content) : undefined
  const hasCluster = own === undefined ? fromBundle !== undefined || tells(content) : tells(content)
  return { path, content, hasCluster, kept: own && standing(own, settings) }
}

const tells = ({ names }: BundleContent): boolean => names.some(name => name.startsWith('cluster-resources/'))

/** A Config that is given may have other plugins; a cluster that is named is asked again. */
const standing = (own: Collection, { configs, cluster }: Settings): Collection => ({
  ...own,
  facts: Object.fromEntries(
    Object.entries(own.facts).filter(([kind]) => {
      if (cluster !== undefined && ofCluster.has(kind)) return false
      return configs.length === 0 || (kind !== 'config' && !isPluginFactKind(kind))
    }),
  ),
})

const ofCluster: ReadonlySet<string> = new Set(['cluster', 'installed', 'upgrade', 'velero'])

export const clusterOf = ({ kept }: Pick<BundleSource, 'kept'>): ClusterFact | undefined => kept?.facts.cluster?.[0]

export const checksIn = ({ hasCluster, kept }: BundleSource, { configs }: Settings): BundleChecks => ({
  hasCluster: hasCluster || (kept !== undefined && clusterOf({ kept }) !== undefined),
  collected: configs.length > 0 ? [] : (kept?.checks ?? []),
})

const lacksFactsOf = (kept: Collection | undefined, check: CheckKind): boolean =>
  factsFor(check).some((kind: FactKind) => kept?.facts[kind] === undefined)

/** Of what is asked for, what has still to be collected. */
export const missingOf = (kept: Collection | undefined, checks: readonly CheckKind[]): readonly CheckKind[] =>
  checks.filter(check => lacksFactsOf(kept, check))

/** What was collected now, beside what the bundle had: judged together, at the time of the older one. */
export const joined = (kept: Collection | undefined, fresh: Collection, checks: readonly CheckKind[]): Collection =>
  kept === undefined
    ? fresh
    : {
        ...fresh,
        ...(kept.facts.config === undefined ? {} : { ...kept, version: fresh.version }),
        checks,
        facts: { ...kept.facts, ...fresh.facts, ...(kept.facts.config && { config: kept.facts.config }) },
        blobs: new Map([...kept.blobs, ...fresh.blobs]),
      }

/** Whether a check asks registries, and with which logins: for the others no Secret has to be read. */
export const asksRegistries = (checks: readonly CheckKind[]): boolean =>
  checks.some(check => check !== 'config' && check !== 'cluster' && check !== 'velero')
