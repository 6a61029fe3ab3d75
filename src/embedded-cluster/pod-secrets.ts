import type { ClusterFact, PodFact } from '../facts/cluster.ts'
import type { ConfigFact } from '../facts/config.ts'
import type { Failure, Plugin } from '../facts/fact.ts'
import type { CallName } from '../kubernetes/calls.ts'

export interface PodSecrets {
  /** Names of the pull secrets of Velero's pod, in kubelet's order. */
  readonly names: readonly string[]
  /** What there is to be known of Secrets: these, and those that plugins name. */
  readonly toRead: readonly string[]
  /** Where the pod was seen in a cluster: then it has these and no others. */
  readonly pod?: PodFact
  /** Why nobody can say which it has. */
  readonly unread?: Failure
}

/**
 * Before there is a Deployment, what plugins name and what an override of the built-in extension gives the pod. From then on what
 * the Deployment names or, where it names none, its service account (Kubernetes 1.34 plugin/pkg/admission/serviceaccount), and
 * what the override of the Config will add to either.
 */
export const podSecretsOf = (configs: readonly ConfigFact[], plugins: readonly Plugin[], cluster?: ClusterFact): PodSecrets => {
  const override = unique(configs.flatMap(config => config.override?.imagePullSecrets ?? []))
  const accountOverride = unique(configs.flatMap(config => config.override?.accountPullSecrets ?? []))
  const own = plugins.flatMap(({ imagePullSecret }) => (imagePullSecret === undefined ? [] : [imagePullSecret]))
  const { deployment, serviceAccountPullSecrets } = cluster ?? {}
  const named = unique([...override, ...(deployment?.imagePullSecrets ?? [])])
  const account = unique([...accountOverride, ...(serviceAccountPullSecrets ?? [])])
  const [noDeployment, noAccount] = [failureOf(cluster, 'deployment'), failureOf(cluster, 'serviceAccount')]
  const unread = noDeployment ?? (named.length === 0 ? noAccount : undefined)
  if (unread !== undefined) return { names: [], toRead: unique([...own, ...named, ...account]), unread }
  if (deployment === undefined) {
    const names = unique([...own, ...(named.length > 0 ? named : accountOverride)])
    return { names, toRead: names }
  }
  const of = named.length > 0 ? 'pod' : 'serviceAccount'
  const secrets = of === 'pod' ? named : account
  const hidden = of === 'pod' ? account.filter(name => !named.includes(name)) : []
  const pod = { deployment: 'velero', serviceAccount: deployment.serviceAccount, secrets, of, ...(noAccount ? {} : { hidden }) } as const
  return { names: secrets, toRead: unique([...own, ...secrets]), pod }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

const failureOf = (cluster: ClusterFact | undefined, name: CallName): Failure | undefined => {
  const call = cluster?.calls.find(one => one.call === name)
  if (call === undefined || call.ok) return undefined
  const { code, message, hint } = call
  return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
}
