import type { NodeFact } from './objects.ts'

/**
 * For which platforms images are needed: those of all Linux nodes that have told theirs, ready or not. Velero's containers are
 * for Linux; taints do not matter, for what is tainted now may not be tomorrow.
 */
export const nodePlatforms = (nodes: readonly NodeFact[]): readonly string[] =>
  [...new Set(nodes.flatMap(({ platform }) => (platform?.startsWith('linux/') ? [platform] : [])))].toSorted()
