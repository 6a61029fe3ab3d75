import type { Cluster, ClusterOptions } from './cluster.ts'

/** What of the settings says which cluster, and what is wanted of it. */
export interface ClusterNeeds {
  /** Undefined: none is read. */
  readonly cluster: Pick<ClusterOptions, 'kubeconfigs' | 'required' | 'context' | 'inCluster' | 'env'> | undefined
  readonly namespace: string
  readonly configs: readonly string[]
  readonly platforms: readonly string[] | undefined
  readonly network: Pick<ClusterOptions, 'proxy'> & { readonly requestTimeoutMs: number | undefined }
}

/**
 * The cluster, read as far as it can be before the Config is known. What speaks to it is loaded only here: it takes longer than
 * most runs without it.
 *
 * @throws PreflightError for the kubeconfig (exit 2)
 */
export const loadCluster = async (
  { cluster, namespace, configs, platforms, network }: ClusterNeeds,
  { signal, trace, meter }: Pick<ClusterOptions, 'signal' | 'trace' | 'meter'>,
  comparesUpgrade = false,
): Promise<Cluster | undefined> => {
  if (cluster === undefined) return undefined
  const { openCluster } = await import('./cluster.ts')
  const { proxy, requestTimeoutMs } = network
  const limits = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
  return openCluster({
    ...cluster,
    namespace,
    wantsNodes: platforms === undefined,
    wantsConfig: configs.length === 0 || comparesUpgrade,
    wantsRunning: comparesUpgrade,
    proxy,
    limits,
    signal,
    trace,
    meter,
  })
}
