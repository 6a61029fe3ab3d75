import { readConfigs } from '../embedded-cluster/config.ts'
import { PreflightError } from '../errors.ts'
import type { ConfigFact } from '../facts/config.ts'
import type { Live } from '../preflight.ts'
import type { Settings } from '../settings.ts'
import type { Cluster } from '../world/cluster.ts'
import { loadCluster } from '../world/load-cluster.ts'
import type { BundleSource } from './bundle-source.ts'

/** The cluster that a kubeconfig names, else the one that a bundle tells of. */
export const clusterFor = async (
  source: BundleSource | undefined,
  settings: Settings,
  live: Live,
  compares: boolean,
): Promise<Cluster | undefined> => {
  const { cluster, namespace, platforms, configs } = settings
  if (cluster === undefined && source?.hasCluster !== true) return undefined
  live.progress({ check: 'cluster', state: 'began' })
  if (cluster !== undefined || source === undefined) return loadCluster(settings, live, compares)
  const { openBundleCluster } = await import('../world/bundle-cluster.ts')
  const wants = { wantsNodes: platforms === undefined, wantsConfig: configs.length === 0 || compares, wantsRunning: compares }
  return openBundleCluster(source.content, source.path, { namespace, ...wants })
}

/** A bundle without a Config is judged as far as it goes: what it does not tell is a fail then, and no reason to say nothing. */
export const installedConfigs = (cluster: Cluster | undefined, ofBundle: boolean): readonly ConfigFact[] => {
  try {
    return readConfigs(cluster === undefined ? [] : [cluster.config()])
  } catch (error) {
    if (ofBundle && error instanceof PreflightError && ['CONFIG_NOT_FOUND', 'BUNDLE_LACKS'].includes(error.code)) return []
    throw error
  }
}
