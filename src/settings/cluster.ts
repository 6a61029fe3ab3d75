import { delimiter } from 'node:path'
import type { Environment } from '../settings.ts'
import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface ClusterSettings {
  /** `--kubeconfig` alone, else what KUBECONFIG names, else `.kube/config` of the home folder. */
  readonly kubeconfigs: readonly string[]
  /** With `--kubeconfig`: the file has to be there. */
  readonly required: boolean
  /** `--context`; undefined: the current one. */
  readonly context: string | undefined
  /** In a pod: the API server's address and the service account's folder, for where there is no kubeconfig. */
  readonly inCluster: { readonly host: string; readonly port: string; readonly folder: string } | undefined
  /** Of the program that a kubeconfig names for a login. */
  readonly env: Environment
}

const podFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** As kubectl finds its kubeconfig. Undefined without `--from-cluster`. @throws PreflightError USAGE */
export const clusterOf = ({ fromCluster, kubeconfig, context }: Flags, env: Environment): ClusterSettings | undefined => {
  if (fromCluster !== true) {
    const flag = kubeconfig !== undefined ? '--kubeconfig' : context !== undefined ? '--context' : undefined
    if (flag !== undefined) throw usage(`${flag} says which cluster, and no cluster is read.`, 'Add --from-cluster to read it.')
    return undefined
  }
  if (kubeconfig === '') throw usage('--kubeconfig names no file.')
  if (context === '') throw usage('--context names no context.')
  const { KUBECONFIG: list = '', HOME: home = '', KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  const ofEnvironment = list.split(delimiter).filter(file => file !== '')
  const ofHome = home === '' ? [] : [`${home}/.kube/config`]
  return {
    kubeconfigs: kubeconfig !== undefined ? [kubeconfig] : ofEnvironment.length > 0 ? ofEnvironment : ofHome,
    required: kubeconfig !== undefined,
    context,
    inCluster: host && port ? { host, port, folder: podFolder } : undefined,
    env,
  }
}

/** @throws PreflightError USAGE */
export const serverStatusOf = ({ serverStatus = false, fromCluster = false }: Flags): boolean => {
  if (serverStatus && !fromCluster) throw usage('--server-status asks a Velero that runs.', 'Add --from-cluster.')
  return serverStatus
}
