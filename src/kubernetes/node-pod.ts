import { isObject, listAt, textAt, valueAt } from './objects.ts'

/** How a pod of the DaemonSet stands. */
export interface NodePod {
  readonly pod: string
  readonly node: string
  /** Its container ran, so that there may be a log. */
  readonly started: boolean
  /** Why it does not start, as its state says: `ImagePullBackOff: …`. */
  readonly waiting?: { readonly reason: string; readonly message: string }
  /** It ended: with what, and how often. */
  readonly ended?: { readonly reason: string; readonly exitCode: number }
}

/** What no wait will change much. */
const hopeless =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|CreateContainerError|RunContainerError)$/

export const nodePodOf = (pod: unknown): NodePod | undefined => {
  const [name, node] = [textAt(pod, 'metadata', 'name'), textAt(pod, 'spec', 'nodeName')]
  if (name === undefined || node === undefined) return undefined
  const [status] = listAt(pod, 'status', 'containerStatuses')
  const [reason = '', message = ''] = [textAt(status, 'state', 'waiting', 'reason'), textAt(status, 'state', 'waiting', 'message')]
  const ended = [valueAt(status, 'state', 'terminated'), valueAt(status, 'lastState', 'terminated')].find(isObject)
  const exitCode = valueAt(ended, 'exitCode')
  return {
    pod: name,
    node,
    started: isObject(valueAt(status, 'state', 'running')) || ended !== undefined,
    ...(hopeless.test(reason) ? { waiting: { reason, message } } : {}),
    ...(ended === undefined
      ? {}
      : { ended: { reason: textAt(ended, 'reason') ?? '', exitCode: typeof exitCode === 'number' ? exitCode : -1 } }),
  }
}
