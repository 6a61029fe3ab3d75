import type { Flags } from '../settings.ts'
import { usage } from './flag-text.ts'

export interface NodesSettings {
  /** The image of this program that nodes run. */
  readonly image: string
}

/** Undefined: no node is asked for itself. @throws PreflightError USAGE */
export const nodesOf = ({ nodes, nodeImage, fromCluster }: Flags): NodesSettings | undefined => {
  if (nodes !== true) {
    if (nodeImage !== undefined) throw usage('--node-image says what the nodes run, and none is asked.', 'Add --nodes.')
    return undefined
  }
  if (fromCluster !== true) throw usage('--nodes: which cluster?', 'Add --from-cluster.')
  if (nodeImage === undefined || nodeImage === '')
    throw usage('--nodes: which image of this program are the nodes to run?', 'Give --node-image; see docs/install.md on how it is built.')
  return { image: nodeImage }
}
