import type { Check } from '../analyzer.ts'
import { nodesCodes } from './codes.ts'

export const nodesCheck: Check<'nodes'> = {
  kind: 'nodes',
  title: 'Nodes',
  codes: nodesCodes,
  values: {
    nodes: 'how many nodes were asked',
    silent: 'how many of them told nothing',
    failed: 'of a plugin: on how many nodes a check of it fails',
  },
}
