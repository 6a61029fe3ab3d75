import { nodeCheckObjects } from '../kubernetes/node-checks.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Cluster } from './cluster.ts'
import { runOnNodes } from './node-pods.ts'
import type { NodeRunner } from './world.ts'

export interface NodeRunnerOptions {
  readonly cluster: Required<Pick<Cluster, 'reader' | 'writer'>>
  /** `--node-image` */
  readonly image: string
  /** Where Velero is. */
  readonly namespace: string
  /** For all nodes together. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/** What a pod has for itself, so that it can tell before all of them are given up. */
const share = 0.6

export const createNodeRunner = ({ cluster, image, namespace, timeoutMs, signal, clock = systemClock }: NodeRunnerOptions): NodeRunner => ({
  run: ({ config, schema, secrets, progress }) => {
    const digits = 'bcdfghjklmnpqrstvwxz2456789'
    const suffix = Array.from({ length: 5 }, () => digits[Math.floor(clock.random() * digits.length)]).join('')
    const objects = nodeCheckObjects({
      name: `velero-plugin-preflight-${suffix}`,
      image,
      veleroNamespace: namespace,
      secrets,
      config,
      arguments: ['--schema', schema, '--timeout', `${Math.max(1, Math.floor((timeoutMs * share) / 1000))}s`],
    })
    return runOnNodes(objects, { ...cluster, clock, signal, timeoutMs, progress })
  },
})
