import type { CodeDoc } from '../../outcome.ts'

/** What the check `nodes` can find. */
export const nodesCodes = {
  NODES_OK: { status: 'pass', meaning: 'Every node that was asked can pull the image, as its own checks say.' },
  NODES_TOLD: { status: 'pass', meaning: 'Every node made the checks and told what came out.' },
  NODES_WARNED: {
    status: 'warn',
    meaning: 'The checks on some nodes warn of the plugin; names the nodes, with their message.',
    remedy: 'Do what the message of the node says.',
  },
  NODES_FAILED: {
    status: 'fail',
    meaning: 'On some nodes a check of the plugin fails; names the nodes, with their message.',
    remedy: 'Do what the message of the node says; where others can pull, compare their mirrors, proxies, names and firewalls.',
  },
  NODE_RESULT_MISSING: {
    status: 'fail',
    meaning: 'A node told nothing of a check of the plugin, or could not make it.',
    remedy: 'Do what the message says, and check again.',
  },
  NODE_SILENT: {
    status: 'fail',
    meaning: "A node's pod did not start, or told nothing in time, so that nobody knows what that node can pull.",
    remedy: 'Do what the message says of the pod; see kubectl get events.',
  },
} as const satisfies Readonly<Record<string, CodeDoc>>

export type NodesCode = keyof typeof nodesCodes
