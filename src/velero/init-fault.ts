import type { EndedFact, VeleroContainerFact } from '../facts/velero.ts'

/** Why a container does not run, or an init container did not end well. */
export type ContainerFaultKind =
  | 'imageNotFound'
  | 'imageDenied'
  | 'imageUnreachable'
  | 'imageTls'
  | 'imageRateLimited'
  | 'imagePlatform'
  | 'imageName'
  | 'imageNever'
  | 'imageBroken'
  | 'imagePull'
  | 'program'
  | 'machine'
  | 'noCommand'
  | 'user'
  | 'create'
  | 'memory'
  | 'readOnly'
  | 'permission'
  | 'nothing'
  | 'space'
  | 'busy'
  | 'exit'
  /** It still runs, or waits for what comes before it. */
  | 'running'
  | 'waiting'

export interface ContainerFault {
  readonly kind: ContainerFaultKind
  /** The words that prove it: kubelet's, or the container's own. */
  readonly line?: string
  readonly exitCode?: number
}

const pulls = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
  'SignatureValidationFailed',
  'ImageInspectError',
])
const creates = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
])

/** What containerd says of a pull (containerd 1.6 to 2.4 core/remotes/docker, core/images), the special before the general. */
const pullWords: readonly (readonly [RegExp, ContainerFaultKind])[] = [
  [/no match for platform in manifest/i, 'imagePlatform'],
  [
    /wrong diff id|failed to extract layer|unexpected commit digest|failed size validation|content digest .* not found|invalid tar|unexpected EOF|archive\/tar|gzip:|zstd/i,
    'imageBroken',
  ],
  [/too many requests|toomanyrequests|\b429\b|pull QPS exceeded/i, 'imageRateLimited'],
  [/x509:|certificate|tls: |HTTP response to HTTPS client/i, 'imageTls'],
  [/\b401\b|\b403\b|unauthorized|authorization failed|denied|forbidden|no basic auth credentials|authentication required/i, 'imageDenied'],
  [
    /no such host|connection refused|i\/o timeout|no route to host|network is unreachable|connection reset|dial tcp|context deadline exceeded|server misbehaving/i,
    'imageUnreachable',
  ],
  [/not found|manifest unknown|name unknown|\b404\b/i, 'imageNotFound'],
]

/** What runc and containerd say of a container that cannot be made (opencontainers/runc 1.1 to 1.3, containerd internal/cri). */
const createWords: readonly (readonly [RegExp, ContainerFaultKind])[] = [
  // Of the pod's own surroundings, whichever file they name.
  [/sandbox container|no running task found|final child|namespace path|cgroup/i, 'create'],
  [/no command specified/i, 'noCommand'],
  [/no users? found|no groups? found|unable to find (?:user|group)|runAsNonRoot|non-numeric user/i, 'user'],
  [/exec format error/i, 'machine'],
  [/executable file not found|no such file or directory|permission denied|is a directory/i, 'program'],
]

/** What a copying program says, whichever it is: `strerror` has the same words in all of them. */
const copierWords: readonly (readonly [RegExp, ContainerFaultKind])[] = [
  [/exec format error|cannot execute binary file/i, 'machine'],
  [/read-only file system/i, 'readOnly'],
  [/text file busy/i, 'busy'],
  [/no space left on device/i, 'space'],
  [/permission denied|operation not permitted/i, 'permission'],
  [/no such file or directory|omitting directory|can't stat|cannot stat|not found/i, 'nothing'],
]

const kindOf = (words: readonly (readonly [RegExp, ContainerFaultKind])[], text: string): ContainerFaultKind | undefined =>
  words.find(([pattern]) => pattern.test(text))?.[1]

/** @param said events' messages about the container's image, for where its state says only that kubelet waits before it tries again */
export const containerFault = (container: VeleroContainerFact, said: readonly string[] = []): ContainerFault | undefined => {
  const { state, last } = container
  if (state.kind === 'unknown') return { kind: 'waiting' }
  // An init container that stays beside the server is ready when it runs (Kubernetes 1.29, restartPolicy: Always).
  if (state.kind === 'running') return container.ready ? undefined : { kind: 'running' }
  if (state.kind === 'ended') return state.exitCode === 0 ? undefined : ofEnd(container, state)
  const { reason = '', message = '' } = state
  if (pulls.has(reason)) return ofPull(reason, message, said)
  if (creates.has(reason)) return { kind: kindOf(createWords, message) ?? 'create', line: words(reason, message) }
  if (reason === 'CrashLoopBackOff' || last !== undefined)
    return last === undefined ? { kind: 'exit', line: words(reason, message) } : ofEnd(container, last)
  return { kind: 'waiting', ...(reason === '' ? {} : { line: words(reason, message) }) }
}

const words = (reason: string, message: string): string => (message === '' ? reason : `${reason}: ${message}`)

const ofPull = (reason: string, message: string, said: readonly string[]): ContainerFault => {
  if (reason === 'InvalidImageName') return { kind: 'imageName', line: words(reason, message) }
  if (reason === 'ErrImageNeverPull') return { kind: 'imageNever', line: words(reason, message) }
  const told = kindOf(pullWords, cause(message))
  if (told !== undefined) return { kind: told, line: words(reason, message) }
  const event = said.findLast(text => kindOf(pullWords, cause(text)) !== undefined)
  return event === undefined
    ? { kind: 'imagePull', line: words(reason, message) }
    : { kind: kindOf(pullWords, cause(event)) ?? 'imagePull', line: event }
}

/** The image's own name may hold any of the words. */
const cause = (message: string): string => message.replace(/"[^"\s]*"/g, '""')

const ofEnd = ({ log, previousLog }: VeleroContainerFact, { exitCode, reason = '', message = '' }: EndedFact): ContainerFault => {
  const end = { exitCode }
  if (reason === 'OOMKilled') return { kind: 'memory', line: `${reason}, exit code ${exitCode}`, ...end }
  if (reason === 'StartError' || reason === 'ContainerCannotRun')
    return { kind: kindOf(createWords, message) ?? 'create', line: words(reason, message), ...end }
  const written = [log, previousLog].flatMap(one => (one?.ok ? [one.lines ?? []] : [])).find(lines => lines.length > 0) ?? []
  const proof = written.findLast(line => kindOf(copierWords, line) !== undefined)
  if (proof !== undefined) return { kind: kindOf(copierWords, proof) ?? 'exit', line: proof, ...end }
  if (exitCode === 137) return { kind: 'memory', line: words(reason, `exit code ${exitCode}`), ...end }
  const last = written.at(-1)
  return { kind: 'exit', ...(last === undefined ? {} : { line: last }), ...end }
}
