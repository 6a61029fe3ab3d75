import type { SeenVelero, VeleroContainerFact, VeleroServerPodFact } from '../../facts/velero.ts'
import { type ContainerFault, containerFault } from '../../velero/init-fault.ts'
import { type Owner, ownersOf } from '../../velero/plugin-owners.ts'
import { type ServerFault, serverFault } from '../../velero/server-fault.ts'
import { type ServerLog, serverLog } from '../../velero/server-log.ts'
import { reason } from '../analyzer.ts'

/** What keeps the pod from running before the server itself is started. */
export interface Blocker {
  readonly container: VeleroContainerFact
  readonly fault: ContainerFault
}

/** How the server is, and what of it can be told. */
export type ServerState =
  /** It has done with plugins. */
  | 'runs'
  /** It is at starting them. */
  | 'starts'
  /** Whether it has done is not in what was kept of its log. */
  | 'runsUnseen'
  | 'ended'
  | 'notStarted'

/** All that is known of one pod, put together. */
export interface Situation {
  readonly fact: SeenVelero
  readonly pod?: VeleroServerPodFact
  readonly server?: VeleroContainerFact
  readonly blocker?: Blocker
  readonly state: ServerState
  /** The log that tells most: of the run that died, else of the present one. */
  readonly log?: ServerLog
  /** Why there is none. */
  readonly logUnread?: string
  readonly fault?: ServerFault
  /** Init containers that may have brought what is to blame; empty: none, or nobody knows. */
  readonly culprits: readonly string[]
  readonly owners: ReadonlyMap<string, readonly Owner[]>
}

/** @param filesOf what an image is known to copy, below `/plugins` */
export const situationOf = (fact: SeenVelero, filesOf: (image: string) => readonly string[] | undefined): Situation => {
  const [pod] = fact.pods
  const containers = pod?.containers ?? []
  const server = containers.find(({ init, name }) => !init && name === 'velero')
  const said = fact.events.filter(({ about, type }) => about === `Pod ${pod?.name}` && type === 'Warning').map(({ message }) => message)
  const about = (image: string) => said.filter(message => message.includes(`"${image}"`))
  const blocker = containers
    .filter(container => container.init || container === server)
    .map(container => ({ container, fault: containerFault(container, about(container.image)) }))
    .find(({ container, fault }) => fault !== undefined && !(container === server && hasRun(container)))
  const stopped = blocker?.fault === undefined ? undefined : { container: blocker.container, fault: blocker.fault }
  const base = { fact, ...(pod && { pod }), ...(server && { server }), ...(stopped && { blocker: stopped }) }
  if (server === undefined || stopped !== undefined) return { ...base, state: 'notStarted', culprits: [], owners: new Map() }
  const runs = runsOf(server)
  const { log, fault, state } = runs
  const inits: readonly Owner[] = containers
    .filter(({ init }) => init)
    .map(({ name, image }) => {
      const files = filesOf(image)
      return { name, image, ...(files && { files }) }
    })
  const commands = log === undefined ? [] : commandsOf(log, fault)
  const owners = ownersOf(commands, inits)
  const unread = [server.log, server.previousLog].find(one => one?.ok === false)
  return {
    ...base,
    state,
    owners,
    culprits: fault === undefined ? [] : culpritsOf(fault, log, owners, inits),
    ...(log && { log }),
    ...(fault && { fault }),
    ...(unread?.ok === false ? { logUnread: reason(unread) } : {}),
  }
}

const hasRun = ({ state, last, restarts }: VeleroContainerFact): boolean =>
  state.kind === 'running' || state.kind === 'ended' || last !== undefined || restarts > 0

const runsOf = (server: VeleroContainerFact): Pick<Situation, 'log' | 'fault' | 'state'> => {
  const parsed = (log: VeleroContainerFact['log']) => (log?.ok && log.lines !== undefined ? serverLog(log.lines) : undefined)
  const now = parsed(server.log)
  const before = parsed(server.previousLog)
  const running = server.state.kind === 'running'
  if (running && now?.discovered === true && now.end === undefined) return { log: now, state: 'runs' }
  const dead = [now, before].find(log => log?.end !== undefined)
  const killed = killedFault(server, dead ?? now)
  const fault = killed ?? (dead && serverFault(dead))
  if (running && fault === undefined) {
    const silent = server.log?.ok === true && (server.log.lines ?? []).length === 0
    return { ...(now && { log: now }), state: silent || now?.started === true ? 'starts' : 'runsUnseen' }
  }
  const log = dead ?? now ?? before
  return { ...(log && { log }), ...(fault && { fault }), state: 'ended' }
}

/** The kernel kills one process of the container, the server or a plugin; kubelet says so of the container either way. */
const killedFault = (server: VeleroContainerFact, log: ServerLog | undefined): ServerFault | undefined => {
  const end = server.state.kind === 'ended' ? server.state : server.last
  if (end?.reason !== 'OOMKilled') return undefined
  const known = log && serverFault(log)
  // A plugin that ran into its own fault is not made better by more memory.
  if (known !== undefined && known.kind !== 'noHandshake' && known.kind !== 'memory') return known
  const line = `container velero: OOMKilled, exit code ${end.exitCode}${server.memoryLimit === undefined ? '' : `, memory limit ${server.memoryLimit}`}`
  return { kind: 'memory', ...(known?.command === undefined ? {} : { command: known.command }), lines: [line, ...(known?.lines ?? [])] }
}

const commandsOf = (log: ServerLog, fault: ServerFault | undefined): readonly string[] => {
  const named = [...log.registered, ...log.invalidNames, ...log.skipped, ...log.cries, ...log.ended].map(({ command }) => command)
  const ofFault = [fault?.command, fault?.other].filter(command => command !== undefined)
  return [...new Set([...named, ...ofFault])].filter(command => command.startsWith('/plugins/')).toSorted()
}

/** Faults of a plugin that the log may tell without naming its file. */
const nameless: ReadonlySet<ServerFault['kind']> = new Set(['hangs', 'kind', 'name', 'protocol', 'noHandshake'])

const culpritsOf = (
  { kind, command, other }: ServerFault,
  log: ServerLog | undefined,
  owners: Situation['owners'],
  inits: readonly Owner[],
): readonly string[] => {
  const of = (one: string | undefined) => (one === undefined ? [] : (owners.get(one) ?? []).map(({ name }) => name))
  if (command !== undefined) return [...new Set([...of(command), ...of(other)])]
  if (!nameless.has(kind)) return []
  // The log does not name it: it is the first that was not registered, in the order of the files.
  const registered = new Set((log?.registered ?? []).flatMap(one => of(one.command)))
  const left = inits.filter(({ name }) => !registered.has(name))
  const first = left.every(({ files }) => files !== undefined)
    ? left.toSorted((a, b) => ((a.files?.[0] ?? '~') < (b.files?.[0] ?? '~') ? -1 : 1)).slice(0, 1)
    : left
  return first.map(({ name }) => name)
}
