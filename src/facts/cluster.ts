import type { Call } from '../kubernetes/calls.ts'
import type { InstallationFact, NodeFact, PodTemplateFact } from '../kubernetes/objects.ts'
import type { VeleroPodFact } from '../kubernetes/velero-pods.ts'
import type { Fact } from './fact.ts'

/** A call to the API server, and whether there is what it asked for. */
export type CallFact = Call & Fact<{ readonly found: boolean }>

/** What was read of a cluster (`--from-cluster`): nothing of it is secret. What could not be had is among `calls`. */
export interface ClusterFact {
  readonly ok: true
  /** Of the kubeconfig; `in-cluster` in a pod without one; empty with `bundle`. */
  readonly context: string
  /** `https://host:port`; empty with `bundle`. */
  readonly server: string
  /** Whether the kubeconfig says that its certificate is not checked. */
  readonly unverified: boolean
  /** The support bundle that answered in the place of an API server (`--bundle`). */
  readonly bundle?: string
  /** What troubleshoot's redaction has destroyed of what is read: fields, as `Deployment velero: initContainers[0].image`. */
  readonly redacted?: readonly string[]
  /** Where Velero is. */
  readonly namespace: string
  /** Each call that was made, or that was not because of an earlier one's failure. */
  readonly calls: readonly CallFact[]
  /** Absent: they were not asked for, because the platforms were given, or could not be had. */
  readonly nodes?: readonly NodeFact[]
  /** Of the Deployment `velero`. */
  readonly deployment?: PodTemplateFact
  /** Of the Deployment's service account. */
  readonly serviceAccountPullSecrets?: readonly string[]
  /** Of Velero's server. Absent: they were not asked for, or could not be had. */
  readonly pods?: readonly VeleroPodFact[]
  /** The current one. */
  readonly installation?: InstallationFact
  /** `namespace/name` of Secrets that were given as files, so that the cluster was not asked for them. */
  readonly secretsFromFiles: readonly string[]
}

/** Which pull secrets the pod of the running Deployment has, and why. */
export interface PodFact {
  readonly deployment: string
  readonly serviceAccount: string
  /** In kubelet's order. */
  readonly secrets: readonly string[]
  /** A pod that names none itself gets those of its service account, and only then. */
  readonly of: 'pod' | 'serviceAccount'
  /** Those of the service account that the pod does not get, because it names some itself; absent: it could not be read. */
  readonly hidden?: readonly string[]
}
