import type { Collector } from './collector.ts'

/** The cluster was read before any collector runs: platforms and pull secrets come from it. */
export const cluster: Collector<'cluster'> = {
  kind: 'cluster',
  collect: async ({ world }) => (world.cluster === undefined ? [] : [world.cluster]),
}
