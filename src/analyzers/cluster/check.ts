import type { Check } from '../analyzer.ts'
import { clusterCodes } from './codes.ts'

export const clusterCheck: Check<'cluster'> = {
  kind: 'cluster',
  title: 'Cluster',
  codes: clusterCodes,
  values: {
    forbidden: 'how many calls RBAC does not allow',
    failed: 'how many calls failed otherwise',
    nodes: 'how many nodes there are; 0 when they were not asked for',
    platforms: 'those of the nodes, separated by commas',
    velero: 'whether the Deployment of Velero is there',
    installation: 'the name of the current Installation; empty when there is none',
  },
}
