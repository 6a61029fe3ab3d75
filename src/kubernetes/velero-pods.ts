import { redact } from '../redact.ts'
import { listAt, textAt } from './objects.ts'

/** A container of a pod, and the bytes that it was made of. */
export interface RunningContainerFact {
  readonly name: string
  /** As the pod names it. */
  readonly image: string
  /** `registry/repository@sha256:…`, or the digest of a config alone; empty when the container was never made. */
  readonly imageId: string
}

/** A pod of Velero's server. */
export interface VeleroPodFact {
  readonly name: string
  /** Empty: on none yet. */
  readonly node: string
  readonly initContainers: readonly RunningContainerFact[]
}

const maxPods = 20

/** What is left of pods that were evicted or have ended says nothing of what runs. */
const hasEnded = (pod: unknown): boolean => ['Failed', 'Succeeded'].includes(textAt(pod, 'status', 'phase') ?? '')

/** Those with a container `velero`: the node agents, which are in the same namespace, have none. */
export const veleroPodsOf = (pods: readonly unknown[]): readonly VeleroPodFact[] =>
  pods
    .filter(pod => !hasEnded(pod) && listAt(pod, 'spec', 'containers').some(container => textAt(container, 'name') === 'velero'))
    .slice(0, maxPods)
    .map(pod => ({
      name: textAt(pod, 'metadata', 'name') ?? '',
      node: textAt(pod, 'spec', 'nodeName') ?? '',
      initContainers: listAt(pod, 'spec', 'initContainers').map(container => {
        const name = textAt(container, 'name') ?? ''
        const status = listAt(pod, 'status', 'initContainerStatuses').find(one => textAt(one, 'name') === name)
        return { name, image: redact(textAt(container, 'image') ?? ''), imageId: textAt(status, 'imageID') ?? '' }
      }),
    }))
