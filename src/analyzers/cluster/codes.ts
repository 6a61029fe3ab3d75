import type { CodeDoc } from '../../outcome.ts'

const pass = (meaning: string) => ({ status: 'pass', meaning }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const
const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const

export type ClusterCode = keyof typeof clusterCodes

export const clusterCodes = {
  CLUSTER_READ: pass('The cluster, or the support bundle in its place, answered all that it was asked; says what is in it.'),
  CLUSTER_PLATFORMS: pass('Says where the required platforms come from: the nodes, or --platform.'),
  CLUSTER_SECRETS_FROM_FILES: pass('Secrets that were given with --secrets were taken in place of those of the cluster.'),
  CLUSTER_PLATFORMS_ASSUMED: warn(
    'No Linux node says for which platform it is: linux/amd64 was taken.',
    'Give the platforms with --platform, or run again when the nodes are up.',
  ),
  CLUSTER_NO_DISASTER_RECOVERY: warn(
    'The licence of the Installation has no disaster recovery: Embedded Cluster installs no Velero, and the plugins are never used.',
    'Have disaster recovery enabled in the licence, or leave the plugins out.',
  ),
  CLUSTER_UNVERIFIED: warn(
    "The kubeconfig says that the API server's certificate is not checked (insecure-skip-tls-verify).",
    'Put the authority of the cluster into the kubeconfig instead.',
  ),
  CLUSTER_REDACTED: warn(
    "In the support bundle troubleshoot's redaction has destroyed fields of the Config or of Velero's pod; names them.",
    'Give the Config with --config, or collect with fewer redactors.',
  ),
  CLUSTER_NOT_IN_BUNDLE: fail(
    'The support bundle does not hold what a cluster would be asked for; names each file, and the collector that would bring it.',
    'Collect again with what the message names, or give what is missing with a flag of its own (`--config`, `--secrets`, `--platform`).',
  ),
  CLUSTER_CALL_FORBIDDEN: fail(
    'RBAC of the cluster does not allow a call; names verb, resource and namespace, with the role that would do.',
    'Give the role to your login: velero-plugin-preflight rbac prints all that is needed.',
  ),
  CLUSTER_CALL_FAILED: fail(
    'The cluster could not be asked, or gave no usable answer.',
    'See the message; run again when the API server answers.',
  ),
} as const satisfies Record<string, CodeDoc>
