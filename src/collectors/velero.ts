import { PreflightError } from '../errors.ts'
import type { CallFact } from '../facts/cluster.ts'
import { failure } from '../facts/fact.ts'
import type { LogFact, SeenVelero, VeleroContainerFact, VeleroServerPodFact } from '../facts/velero.ts'
import type { Call, LogCall } from '../kubernetes/calls.ts'
import { deploymentStateOf, eventsOf, serverPodsOf } from '../kubernetes/velero-state.ts'
import { initExcerpt, serverExcerpt } from '../velero/log-excerpt.ts'
import type { ClusterReader } from '../world/world.ts'
import type { Collector } from './collector.ts'

/** What is to be seen of Velero's Deployment: its pods, what the nodes say of them, and the ends of logs that tell why. */
export const velero: Collector<'velero'> = {
  kind: 'velero',
  collect: async ({ world: { clusterReader: reader, namespace, serverStatus } }) => {
    if (reader === undefined)
      throw new PreflightError('FACT_MISSING', 'No cluster was read.', {
        hint: 'Collect with --from-cluster, or --bundle with a support bundle.',
      })
    const status = await serverStatus?.()
    const seen = await collectFrom(reader, namespace)
    return [{ ...seen, ...(status && { serverStatus: status }) }]
  },
}

/** What could not be had is among the calls; nothing is thrown. */
export const collectFrom = async (reader: ClusterReader, namespace: string): Promise<SeenVelero> => {
  const calls: CallFact[] = []
  const ask = async <T>(call: Call, asked: Promise<T | undefined>): Promise<T | undefined> => {
    try {
      const answer = await asked
      calls.push({ ...call, ok: true, found: answer !== undefined })
      return answer
    } catch (error) {
      calls.push({ ...call, ...failure(error) })
      return undefined
    }
  }
  const get = (call: Call) => ask(call, reader.get(call))
  const list = async (call: Call) => (await ask(call, reader.list(call))) ?? []
  const deployment = await get({ call: 'deployment', namespace, name: 'velero' })
  if (deployment === undefined) return { ok: true, namespace, calls, pods: [], events: [] }
  const all = await list({ call: 'pods', namespace })
  const pods = serverPodsOf(deployment, all)
  const events = eventsOf(
    await list({ call: 'events', namespace }),
    pods.map(({ name }) => name),
  )
  const withLogs: VeleroServerPodFact[] = []
  for (const pod of pods) withLogs.push(await logsOf(reader, namespace, pod))
  return { ok: true, namespace, calls, deployment: deploymentStateOf(deployment), pods: withLogs, events }
}

const logsOf = async (reader: ClusterReader, namespace: string, pod: VeleroServerPodFact): Promise<VeleroServerPodFact> => ({
  ...pod,
  containers: await Promise.all(
    pod.containers.map(async container => {
      const call: LogCall = { call: 'podLog', namespace, name: pod.name, container: container.name }
      const read = container.init ? initLog : serverLog
      return {
        ...container,
        ...(wantsLog(container) ? { log: await tried(() => read(reader, call)) } : {}),
        ...(container.restarts > 0 && wantsLog(container)
          ? { previousLog: await tried(() => read(reader, { ...call, previous: true })) }
          : {}),
      }
    }),
  ),
})

/** Of the server always, once it has run; of an init container that did not end well. */
const wantsLog = ({ name, init, state, last, restarts }: VeleroContainerFact): boolean => {
  if (!init) return name === 'velero' && (state.kind === 'running' || state.kind === 'ended' || last !== undefined || restarts > 0)
  return state.kind === 'running' || last !== undefined || (state.kind === 'ended' && state.exitCode !== 0)
}

const tried = async (read: () => Promise<LogFact>): Promise<LogFact> => {
  try {
    return await read()
  } catch (error) {
    return failure(error)
  }
}

const initLog = async (reader: ClusterReader, call: LogCall): Promise<LogFact> => {
  const read = await reader.log(call, { from: 'end', limitBytes: 16 << 10 })
  return read === undefined ? { ok: true } : { ok: true, lines: initExcerpt(read.text), cut: read.cut }
}

/** Plugins are spoken of at the start of a server's log; why it ended, at the end. */
const serverLog = async (reader: ClusterReader, call: LogCall): Promise<LogFact> => {
  const start = await reader.log(call, { from: 'start', limitBytes: 1 << 20 })
  if (start === undefined) return { ok: true }
  const end = start.cut ? await reader.log(call, { from: 'end', limitBytes: 256 << 10 }) : undefined
  if (end === undefined) return { ok: true, lines: serverExcerpt(start.text), cut: start.cut }
  return { ok: true, lines: [...serverExcerpt(start.text), ...serverExcerpt(end.text)], cut: true }
}
