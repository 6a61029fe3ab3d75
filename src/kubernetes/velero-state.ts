import { printable, redact } from '../redact.ts'
import { isObject, type JsonObject, listAt, textAt, valueAt } from './objects.ts'

const text = (value: string | undefined, limit: number): string | undefined =>
  value === undefined || value === '' ? undefined : printable(redact(value), limit)

const number = (value: unknown, ...path: readonly string[]): number => {
  const found = valueAt(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : 0
}

/** Leaves out what is not there. */
const present = <T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }

const endedOf = (ended: unknown) => ({
  exitCode: number(ended, 'exitCode'),
  ...present({
    reason: text(textAt(ended, 'reason'), 80),
    message: text(textAt(ended, 'message'), 1000),
    finishedAt: text(textAt(ended, 'finishedAt'), 40),
  }),
})

const stateOf = (state: unknown) => {
  const waiting = valueAt(state, 'waiting')
  if (isObject(waiting))
    return {
      kind: 'waiting',
      ...present({ reason: text(textAt(waiting, 'reason'), 80), message: text(textAt(waiting, 'message'), 2000) }),
    } as const
  const running = valueAt(state, 'running')
  if (isObject(running)) return { kind: 'running', ...present({ startedAt: text(textAt(running, 'startedAt'), 40) }) } as const
  const ended = valueAt(state, 'terminated')
  return isObject(ended) ? ({ kind: 'ended', ...endedOf(ended) } as const) : ({ kind: 'unknown' } as const)
}

const maxContainers = 50

const containerOf = (container: unknown, statuses: readonly unknown[], init: boolean) => {
  const name = textAt(container, 'name') ?? ''
  const status = statuses.find(one => textAt(one, 'name') === name)
  const last = valueAt(status, 'lastState', 'terminated')
  return {
    name: printable(name, 80),
    init,
    image: text(textAt(container, 'image'), 400) ?? '',
    state: stateOf(valueAt(status, 'state')),
    ready: valueAt(status, 'ready') === true,
    restarts: number(status, 'restartCount'),
    ...(isObject(last) ? { last: endedOf(last) } : {}),
    ...present({
      imageId: text(textAt(status, 'imageID'), 400),
      memoryLimit: text(textAt(container, 'resources', 'limits', 'memory'), 40),
    }),
  }
}

/** A pod as far as it says why a container does not run (core/v1 PodStatus). */
export const serverPodOf = (pod: JsonObject) => {
  const scheduled = listAt(pod, 'status', 'conditions').find(condition => textAt(condition, 'type') === 'PodScheduled')
  return {
    name: printable(textAt(pod, 'metadata', 'name') ?? '', 253),
    containers: [
      ...listAt(pod, 'spec', 'initContainers').map(one => containerOf(one, listAt(pod, 'status', 'initContainerStatuses'), true)),
      ...listAt(pod, 'spec', 'containers').map(one => containerOf(one, listAt(pod, 'status', 'containerStatuses'), false)),
    ].slice(0, maxContainers),
    ...present({
      createdAt: text(textAt(pod, 'metadata', 'creationTimestamp'), 40),
      phase: text(textAt(pod, 'status', 'phase'), 40),
      reason: text(textAt(pod, 'status', 'reason'), 80),
      message: text(textAt(pod, 'status', 'message'), 500),
      node: text(textAt(pod, 'spec', 'nodeName'), 253),
      unscheduled: textAt(scheduled, 'status') === 'False' ? text(textAt(scheduled, 'message') ?? 'it says not why', 500) : undefined,
    }),
  }
}

const maxPods = 3

/**
 * The pods that the Deployment has made, newest first. Their labels are those that it selects (apps/v1 DeploymentSpec), and their
 * owner is a ReplicaSet: pods of other makers may have the labels too.
 */
export const serverPodsOf = (deployment: unknown, pods: readonly unknown[]) => {
  const wanted = Object.entries(objectAt(deployment, 'spec', 'selector', 'matchLabels'))
  const owned = pods.filter(isObject).filter(pod => {
    const labels = objectAt(pod, 'metadata', 'labels')
    const owners = listAt(pod, 'metadata', 'ownerReferences')
    return (
      wanted.length > 0 &&
      wanted.every(([key, value]) => labels[key] === value) &&
      owners.some(owner => textAt(owner, 'kind') === 'ReplicaSet')
    )
  })
  const created = (pod: JsonObject) => textAt(pod, 'metadata', 'creationTimestamp') ?? ''
  return owned
    .toSorted((a, b) => (created(a) < created(b) ? 1 : -1))
    .slice(0, maxPods)
    .map(serverPodOf)
}

const objectAt = (value: unknown, ...path: readonly string[]): JsonObject => {
  const found = valueAt(value, ...path)
  return isObject(found) ? found : {}
}

/** How the Deployment stands, and why it makes no pod (apps/v1 DeploymentCondition). */
export const deploymentStateOf = (deployment: JsonObject) => {
  const pod = valueAt(deployment, 'spec', 'template', 'spec')
  const replicas = valueAt(deployment, 'spec', 'replicas')
  const serverImage = text(
    textAt(
      listAt(pod, 'containers').find(one => textAt(one, 'name') === 'velero'),
      'image',
    ),
    400,
  )
  return {
    // The API server puts 1 where nothing is written.
    replicas: typeof replicas === 'number' ? replicas : 1,
    ready: number(deployment, 'status', 'readyReplicas'),
    initContainers: listAt(pod, 'initContainers')
      .slice(0, maxContainers)
      .map(one => ({ name: printable(textAt(one, 'name') ?? '', 80), image: text(textAt(one, 'image'), 400) ?? '' })),
    problems: listAt(deployment, 'status', 'conditions')
      .filter(one => textAt(one, 'type') === 'ReplicaFailure' && textAt(one, 'status') === 'True')
      .map(one => `${text(textAt(one, 'reason'), 80) ?? ''}: ${text(textAt(one, 'message'), 500) ?? ''}`),
    ...(serverImage === undefined ? {} : { serverImage }),
  }
}

const maxEvents = 60

/** Events about the Deployment `velero`, its ReplicaSets and these pods, the latest last (core/v1 Event, also as events.k8s.io writes it). */
export const eventsOf = (events: readonly unknown[], pods: readonly string[]) =>
  events
    .filter(event => {
      const kind = textAt(event, 'involvedObject', 'kind') ?? ''
      const name = textAt(event, 'involvedObject', 'name') ?? ''
      if (kind === 'Pod') return pods.includes(name)
      return (kind === 'Deployment' && name === 'velero') || (kind === 'ReplicaSet' && /^velero-[a-z0-9]+$/.test(name))
    })
    .map(event => {
      const times = [
        textAt(event, 'series', 'lastObservedTime'),
        textAt(event, 'lastTimestamp'),
        textAt(event, 'eventTime'),
        textAt(event, 'metadata', 'creationTimestamp'),
      ]
      return {
        about: printable(`${textAt(event, 'involvedObject', 'kind')} ${textAt(event, 'involvedObject', 'name')}`, 300),
        type: text(textAt(event, 'type'), 20) ?? '',
        reason: text(textAt(event, 'reason'), 80) ?? '',
        message: text(textAt(event, 'message'), 2000) ?? '',
        count: number(event, 'series', 'count') || number(event, 'count') || 1,
        ...present({
          at: text(
            times.find(time => time !== undefined),
            40,
          ),
        }),
      }
    })
    .toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : (a.at ?? '') > (b.at ?? '') ? 1 : 0))
    .slice(-maxEvents)
