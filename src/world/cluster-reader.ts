import type { NodesFact } from '../facts/nodes.ts'
import type { Call, LogCall } from '../kubernetes/calls.ts'
import type { JsonObject } from '../kubernetes/objects.ts'

/** A piece of a container's log. */
export interface LogText {
  readonly text: string
  /** There is more of it, before or after. */
  readonly cut: boolean
}

/** From which end of a log, and how much at most. */
export interface LogPart {
  readonly from: 'start' | 'end'
  readonly limitBytes: number
}

/**
 * Whoever answers for a cluster: its API server, or a support bundle that was taken of it. A collector that asks through this
 * works on both and does not know which it is. Nothing is ever written.
 *
 * What there is not is undefined; what cannot be told is thrown: a PreflightError CLUSTER_… (an API server that forbids or fails),
 * or FACT_MISSING (a bundle in which nobody put it), so that the two are never confused.
 */
export interface ClusterReader {
  /** An object by its name, undefined when there is none. */
  get(call: Call): Promise<JsonObject | undefined>
  /** All objects of a kind, in the call's namespace; undefined when the cluster does not know the kind. */
  list(call: Call): Promise<readonly unknown[] | undefined>
  /** A container's log, undefined when there is none: no such pod or container, not started yet, or thrown away. */
  log(call: LogCall, part: LogPart): Promise<LogText | undefined>
}

/** Has every node make the checks itself (`--nodes`). */
export interface NodeRunner {
  /** A fact for each node. Nothing is thrown; whatever was created is removed again. */
  run(about: NodeRun): Promise<readonly NodesFact[]>
}

export interface NodeRun {
  /** A Config with these plugins, as the command `node` reads it. */
  readonly config: string
  readonly schema: string
  /** Names of Secrets in Velero's namespace. */
  readonly secrets: readonly string[]
  readonly progress: (text: string) => void
}
