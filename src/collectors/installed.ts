import type { Collector } from './collector.ts'

/** It was read before any collector runs, from the cluster or the file that was named. */
export const installed: Collector<'installed'> = {
  kind: 'installed',
  collect: async ({ installed: read }) => (read === undefined ? [] : [read]),
}
