import type { CallFact } from './cluster.ts'
import type { Fact } from './fact.ts'

/** A container that has ended (core/v1 ContainerStateTerminated). */
export interface EndedFact {
  readonly exitCode: number
  /** `Error`, `OOMKilled`, `StartError`, `ContainerCannotRun`. */
  readonly reason?: string
  readonly message?: string
  /** RFC 3339. */
  readonly finishedAt?: string
}

export type ContainerStateFact =
  | { readonly kind: 'waiting'; readonly reason?: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt?: string }
  | ({ readonly kind: 'ended' } & EndedFact)
  /** kubelet has told nothing of it yet. */
  | { readonly kind: 'unknown' }

/** What of a container's log was kept: whole lines of at most 1000 characters, secrets taken out. */
export type LogFact = Fact<{
  /** Absent: there is no such log. */
  readonly lines?: readonly string[]
  /** There is more of it than was read. */
  readonly cut?: boolean
}>

export interface VeleroContainerFact {
  readonly name: string
  readonly init: boolean
  /** As the pod names it. */
  readonly image: string
  readonly imageId?: string
  readonly state: ContainerStateFact
  /** How it ended the time before. */
  readonly last?: EndedFact
  readonly ready: boolean
  readonly restarts: number
  /** Memory limit, as it is written. */
  readonly memoryLimit?: string
  /** Absent: not asked for, since it cannot have one. */
  readonly log?: LogFact
  /** Of the container that ran before this one. */
  readonly previousLog?: LogFact
}

/** A pod of the Deployment. */
export interface VeleroServerPodFact {
  readonly name: string
  readonly createdAt?: string
  readonly phase?: string
  /** `Evicted`. */
  readonly reason?: string
  readonly message?: string
  readonly node?: string
  /** Why the scheduler finds no node for it. */
  readonly unscheduled?: string
  /** In the order in which they run, init containers first. */
  readonly containers: readonly VeleroContainerFact[]
}

export interface EventFact {
  /** `Pod velero-7c9f…`. */
  readonly about: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  /** RFC 3339; of the last time. */
  readonly at?: string
}

/** What `--server-status` brought: the answer of Velero's server itself. */
export type ServerStatusFact = Fact<{
  /** Of the ServerStatusRequest that was created and removed again. */
  readonly request: string
  readonly version: string
  /** A plugin stands in it once for each kind. */
  readonly plugins: readonly { readonly name: string; readonly kind: string }[]
}>

/** What was seen of Velero's Deployment in a cluster or a support bundle. What could not be had is among `calls`. */
export type VeleroFact = Fact<{
  readonly namespace: string
  /** Each call that was made; logs are told of where they belong. */
  readonly calls: readonly CallFact[]
  /** Absent: there is none, or see `calls`. */
  readonly deployment?: {
    readonly replicas: number
    readonly ready: number
    /** In their order. */
    readonly initContainers: readonly { readonly name: string; readonly image: string }[]
    readonly serverImage?: string
    /** Conditions that say why there is no pod. */
    readonly problems: readonly string[]
  }
  /** Newest first, at most 3. */
  readonly pods: readonly VeleroServerPodFact[]
  /** About the Deployment, its ReplicaSets and these pods; the latest last, at most 60. */
  readonly events: readonly EventFact[]
  /** Only with `--server-status`. */
  readonly serverStatus?: ServerStatusFact
}>

export type SeenVelero = Extract<VeleroFact, { readonly ok: true }>
