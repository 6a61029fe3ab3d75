import type { Call, LogCall } from '../../src/kubernetes/calls.ts'
import type { ClusterReader, LogPart } from '../../src/world/world.ts'

const labels = { name: 'velero' }

export interface ContainerOptions {
  readonly name: string
  readonly image?: string
  /** As the API server gives it: `{ running: {} }`. */
  readonly state?: object
  readonly last?: object
  readonly restarts?: number
}

const done = { terminated: { exitCode: 0, reason: 'Completed' } }

const specOf = ({ name, image = `r.io/acme/${name}:v1` }: ContainerOptions) => ({ name, image })
const statusOf = ({ name, state, last, restarts = 0 }: ContainerOptions, otherwise: object) => ({
  name,
  ready: false,
  restartCount: restarts,
  state: state ?? otherwise,
  lastState: last === undefined ? {} : { terminated: last },
})

/** Velero's Deployment with these init containers. */
export const veleroDeployment = (inits: readonly ContainerOptions[], more: object = {}) => ({
  metadata: { name: 'velero', namespace: 'velero' },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { initContainers: inits.map(specOf), containers: [{ name: 'velero', image: 'velero:v1.18.3' }] },
    },
    ...more,
  },
})

/** Its pod: init containers have ended well and the server runs, unless it is said otherwise. */
export const veleroPod = (inits: readonly ContainerOptions[], server: Partial<ContainerOptions> = {}, name = 'velero-1') => {
  const velero = { name: 'velero', image: 'velero:v1.18.3', ...server }
  return {
    metadata: {
      name,
      namespace: 'velero',
      labels,
      creationTimestamp: '2026-11-27T22:00:00Z',
      ownerReferences: [{ kind: 'ReplicaSet', name: 'velero-x' }],
    },
    spec: { nodeName: 'n1', initContainers: inits.map(specOf), containers: [specOf(velero)] },
    status: {
      phase: 'Running',
      initContainerStatuses: inits.map(init => statusOf(init, done)),
      containerStatuses: [statusOf(velero, { running: { startedAt: '2026-11-27T22:00:10Z' } })],
    },
  }
}

const at = 'time="2026-11-27T22:00:11Z" level=info'

/** What a server of 1.18.3 writes, with these plugins: `/plugins/acme`. */
export const serverLines = (...commands: readonly string[]): readonly string[] => [
  `${at} msg="setting log-level to INFO"`,
  `${at} msg="Starting Velero server v1.18.3 (-)"`,
  `${at} msg="registering plugin" command=/velero kind=BackupItemAction name=velero.io/pod`,
  ...commands.map(
    command => `${at} msg="registering plugin" command=${command} kind=ObjectStore name=example.com${command.replace('/plugins', '')}`,
  ),
]

export const discovered = `${at} msg="Checking existence of namespace." namespace=velero`

export interface FakeCluster {
  readonly deployment?: object
  readonly pods?: readonly object[]
  readonly events?: readonly object[]
  /** By `container` or `container-previous`. */
  readonly logs?: Readonly<Record<string, readonly string[]>>
  /** Thrown for calls of this name. */
  readonly errors?: Readonly<Record<string, Error>>
}

/** A cluster of plain objects, which notes what it is asked. */
export const fakeReader = ({
  deployment,
  pods = [],
  events = [],
  logs = {},
  errors = {},
}: FakeCluster): ClusterReader & { readonly asked: string[] } => {
  const asked: string[] = []
  const note = ({ call, name }: Call) => {
    asked.push(name === undefined ? call : `${call} ${name}`)
    if (errors[call] !== undefined) throw errors[call]
  }
  return {
    asked,
    get: async call => {
      note(call)
      return deployment as Awaited<ReturnType<ClusterReader['get']>>
    },
    list: async call => {
      note(call)
      return call.call === 'pods' ? pods : events
    },
    log: async (call: LogCall, part: LogPart) => {
      note(call)
      const key = `${call.container}${call.previous === true ? '-previous' : ''}`
      asked.push(`${key} ${part.from}`)
      const lines = logs[key]
      if (lines === undefined) return undefined
      const text = `${lines.join('\n')}\n`
      const kept = part.from === 'start' ? text.slice(0, part.limitBytes) : text.slice(-part.limitBytes)
      return { text: kept, cut: kept.length < text.length }
    },
  }
}
