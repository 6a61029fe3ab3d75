import { PreflightError } from '../errors.ts'
import { failure } from '../facts/fact.ts'
import type { NodesFact } from '../facts/nodes.ts'
import { readNodeLog } from '../kubernetes/node-log.ts'
import { type NodePod, nodePodOf } from '../kubernetes/node-pod.ts'
import type { KubernetesObject } from '../kubernetes/objects.ts'
import { nodeOf } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import type { Clock } from './clock.ts'
import type { ClusterWriter } from './cluster-writer.ts'
import type { ClusterReader } from './world.ts'

export interface NodePodsOptions {
  readonly reader: ClusterReader
  readonly writer: ClusterWriter
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For all nodes together, from the first object to the last answer. */
  readonly timeoutMs: number
  readonly progress: (text: string) => void
}

const pollMs = 1000
/** A name that cannot be resolved for a moment is tried again by kubelet. */
const hopelessMs = 15_000
/** For the namespace to be gone with all that is in it. */
const removalMs = 60_000
/** Twenty plugins need some tens of KB. */
const logBytes = 4 << 20

/**
 * Creates the objects, waits until the pod of every Linux node has told what it found, and removes them again, also after a failure
 * or a signal. What was not removed is among the facts.
 */
export const runOnNodes = async (objects: readonly KubernetesObject[], options: NodePodsOptions): Promise<readonly NodesFact[]> => {
  const { writer, progress } = options
  const namespace = objects.find(({ kind }) => kind === 'Namespace')?.metadata.name ?? ''
  const created: KubernetesObject[] = []
  const facts: NodesFact[] = []
  try {
    progress(`the nodes: creating ${namespace} with a DaemonSet`)
    for (const object of objects) {
      options.signal.throwIfAborted()
      created.push(object)
      await writer.create(object)
    }
    facts.push(...(await gather(namespace, options)))
  } catch (error) {
    facts.push({ node: '', ...failure(options.signal.aborted ? options.signal.reason : error) })
  }
  progress(`the nodes: removing ${namespace}`)
  const left = await removeAll(created, options)
  return left === undefined ? facts : [...facts, left]
}

const gather = async (
  namespace: string,
  { reader, clock, signal, timeoutMs, progress }: NodePodsOptions,
): Promise<readonly NodesFact[]> => {
  const endMs = clock.now() + timeoutMs
  const linux = (await reader.list({ call: 'nodes' }))?.map(nodeOf).filter(({ platform }) => platform?.startsWith('linux/') !== false) ?? []
  const told = new Map<string, NodesFact>()
  const stuck = new Map<string, number>()
  let pods: readonly NodePod[] = []
  while (told.size < linux.length && clock.now() < endMs) {
    pods = (await reader.list({ call: 'pods', namespace }))?.flatMap(pod => nodePodOf(pod) ?? []) ?? []
    for (const pod of pods.filter(({ node }) => !told.has(node))) {
      if (pod.waiting !== undefined) stuck.set(pod.node, stuck.get(pod.node) ?? clock.now())
      const fact = await factOf(pod, namespace, reader)
      const isHopeless = pod.waiting !== undefined && clock.now() - (stuck.get(pod.node) ?? clock.now()) > hopelessMs
      if (fact !== undefined) told.set(pod.node, fact)
      else if (isHopeless) told.set(pod.node, silent(pod.node, pod))
      if (told.has(pod.node)) progress(`the nodes: ${told.size} of ${linux.length} have told`)
    }
    if (told.size < linux.length) await clock.sleep(pollMs, signal)
  }
  return linux.map(
    ({ name }) =>
      told.get(name) ??
      silent(
        name,
        pods.find(({ node }) => node === name),
      ),
  )
}

/** Undefined: it has not told yet. */
const factOf = async ({ pod, node, started }: NodePod, namespace: string, reader: ClusterReader): Promise<NodesFact | undefined> => {
  if (!started) return undefined
  const log = await reader.log({ call: 'podLog', namespace, name: pod, container: 'checks' }, { from: 'end', limitBytes: logBytes })
  const found = log && readNodeLog(log.text)
  if (found === undefined) return undefined
  const { error, version, platform, results, notChecked } = found
  if (error === undefined) return { node, ok: true, version, platform, results, notChecked }
  const said = `${printable(error.code, 60)}: ${printable(redact(error.message), 500)}`
  return { node, ...failure(new PreflightError('NODE_UNREAD', `The checks on the node could not come to their end (${said}).`)) }
}

const silent = (node: string, pod: NodePod | undefined): NodesFact => {
  const make = (message: string, hint: string): NodesFact => ({ node, ...failure(new PreflightError('NODE_UNREAD', message, { hint })) })
  if (pod === undefined) return make('No pod came to the node.', 'See whether the node is ready, and the events of the DaemonSet.')
  if (pod.waiting !== undefined) {
    const said = printable(redact(`${pod.waiting.reason}: ${pod.waiting.message}`), 500)
    return make(
      `The pod on the node does not start (${said}).`,
      'Give with --node-image an image that nodes can pull without a login, or that they have.',
    )
  }
  if (pod.ended !== undefined)
    return make(
      `The pod on the node ended without a word (${printable(pod.ended.reason)}, exit code ${pod.ended.exitCode}).`,
      'Check that --node-image is the image of this program, for the platform of the node.',
    )
  return make('The pod on the node told nothing in time.', 'Give it longer with --timeout.')
}

/** In the reverse of their order; a signal does not keep it from that. */
const removeAll = async (created: readonly KubernetesObject[], { writer, clock }: NodePodsOptions): Promise<NodesFact | undefined> => {
  const problems: string[] = []
  const namespace = created.find(({ kind }) => kind === 'Namespace')
  // What is in the namespace goes with it.
  const own = created.filter(({ kind, metadata }) => kind === 'Namespace' || metadata.namespace !== namespace?.metadata.name)
  for (const object of own.toReversed()) {
    try {
      await writer.remove(object)
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  const endMs = clock.now() + removalMs
  while (namespace !== undefined && problems.length === 0 && (await writer.exists(namespace).catch(() => true))) {
    if (clock.now() > endMs) problems.push(`The namespace ${namespace.metadata.name} was not gone after ${removalMs / 1000} s.`)
    else await clock.sleep(pollMs, undefined)
  }
  if (problems.length === 0) return undefined
  const name = created[0]?.metadata.name ?? ''
  const words = `What was created for the checks on the nodes is not all removed: ${problems.join(' ')}`
  const hint = `Remove it: kubectl delete namespace,clusterrole,clusterrolebinding ${name}; and the role and rolebinding ${name} in Velero's namespace.`
  return { node: '', ...failure(new PreflightError('NODE_UNREAD', words, { hint })) }
}
