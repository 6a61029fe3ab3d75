import type { VeleroContainerFact } from '../../facts/velero.ts'
import { printable } from '../../redact.ts'
import type { ContainerFault, ContainerFaultKind } from '../../velero/init-fault.ts'
import type { VeleroCode } from './codes.ts'

interface Words {
  readonly code: VeleroCode
  /** What is wrong, as a sentence about `IMAGE`. */
  readonly what: string
  readonly fix: string
}

const words: Readonly<Record<ContainerFaultKind, Words>> = {
  imageNotFound: {
    code: 'VELERO_IMAGE_NOT_FOUND',
    what: 'the node cannot pull IMAGE: the registry has no such image',
    fix: 'Push it, or correct repository and tag.',
  },
  imageDenied: {
    code: 'VELERO_IMAGE_DENIED',
    what: 'the node cannot pull IMAGE: the registry wants a login, or rejects the one that it got',
    fix: 'Give the pod a pull secret whose login may pull it (image.imagePullSecrets of the Helm chart), in the namespace of Velero; the check pullSecret tries it.',
  },
  imageUnreachable: {
    code: 'VELERO_IMAGE_UNREACHABLE',
    what: 'the node cannot pull IMAGE: it does not reach the registry',
    fix: 'See its DNS, proxy and firewall; in an air gap the image has to be in the local registry.',
  },
  imageTls: {
    code: 'VELERO_IMAGE_TLS',
    what: 'the node cannot pull IMAGE: TLS with the registry fails, since the node does not trust its certificate or it speaks no TLS',
    fix: "Give the node the registry's authority, or correct its settings for the registry.",
  },
  imageRateLimited: {
    code: 'VELERO_IMAGE_RATE_LIMITED',
    what: 'the node cannot pull IMAGE: the registry answers that there were too many pulls',
    fix: 'Pull with a login, from a mirror, or later.',
  },
  imagePlatform: {
    code: 'VELERO_IMAGE_PLATFORM',
    what: 'the node cannot pull IMAGE: its index has nothing for the platform of the node',
    fix: 'Build and push it for that platform too.',
  },
  imageName: { code: 'VELERO_IMAGE_NAME', what: 'IMAGE is no image reference', fix: 'Correct it: repositories are written in lower case.' },
  imageNever: {
    code: 'VELERO_IMAGE_NEVER',
    what: 'the node does not have IMAGE, and its pull policy Never forbids to pull it',
    fix: 'Use IfNotPresent, or load the image on every node.',
  },
  imageBroken: {
    code: 'VELERO_IMAGE_BROKEN',
    what: 'the node cannot unpack IMAGE: a layer is damaged, or has not the digest that its config names',
    fix: 'Build and push it again.',
  },
  imagePull: { code: 'VELERO_IMAGE_PULL', what: 'the node cannot pull IMAGE', fix: 'See its words, and the check image.' },
  program: {
    code: 'VELERO_INIT_PROGRAM',
    what: 'the program that the command of IMAGE starts with is not in it, or cannot be started',
    fix: 'Put a statically linked one into it: an image FROM scratch has neither shell nor cp.',
  },
  machine: {
    code: 'VELERO_INIT_MACHINE',
    what: 'the program of IMAGE that copies is for another machine than the node, or no program',
    fix: "Build it for the node's platform, and take the copying program from an image of that platform.",
  },
  noCommand: {
    code: 'VELERO_INIT_NO_COMMAND',
    what: 'IMAGE has neither ENTRYPOINT nor CMD, so that no container can be made of it',
    fix: 'Add an ENTRYPOINT that copies the plugin to /target.',
  },
  user: {
    code: 'VELERO_INIT_USER',
    what: "no container can be made of IMAGE: its USER does not exist in it, or the pod's security context does not allow it",
    fix: 'Write a number other than 0, such as USER 65532:65532.',
  },
  create: { code: 'VELERO_INIT_CREATE', what: 'no container can be made of IMAGE', fix: 'See the words of the node.' },
  memory: {
    code: 'VELERO_INIT_MEMORY',
    what: 'the container of IMAGE was killed, most likely for want of memory',
    fix: 'Raise its memory limit.',
  },
  readOnly: {
    code: 'VELERO_INIT_READ_ONLY',
    what: 'the container of IMAGE may not write where it copies to',
    fix: 'Mount the volume plugins at /target without readOnly, and copy nowhere else.',
  },
  permission: {
    code: 'VELERO_INIT_PERMISSION',
    what: 'the USER of IMAGE may not read what it is to copy, or not write to /target',
    fix: 'Build it with chmod 755 on the plugin, so that its USER can read it.',
  },
  nothing: {
    code: 'VELERO_INIT_NOTHING',
    what: 'the command of IMAGE does not find what it is to copy, or where to',
    fix: 'Put the plugin where the command looks for it, and nothing but files.',
  },
  space: { code: 'VELERO_INIT_SPACE', what: 'the disk of the node is full, so that IMAGE cannot copy', fix: 'Make room on the node.' },
  busy: {
    code: 'VELERO_INIT_BUSY',
    what: 'the container of IMAGE ran a second time in the same pod, and may not overwrite the plugin that runs',
    fix: 'Delete the pod: a new one starts with an empty volume.',
  },
  exit: {
    code: 'VELERO_INIT_FAILED',
    what: 'the command of IMAGE ends with an error',
    fix: 'See its words; correct the command of the image, or what it needs.',
  },
  running: {
    code: 'VELERO_INIT_RUNS',
    what: 'the container of IMAGE has not ended, and Velero waits for it',
    fix: 'If it was started minutes ago, its command does not end: let it copy and exit.',
  },
  waiting: { code: 'VELERO_STARTING', what: 'the container of IMAGE has not been started yet', fix: 'Run again in a minute.' },
}

/** `an init container … [exit code 3] …` with the line that proves it. */
export const containerWords = (
  { name, image, state, restarts }: VeleroContainerFact,
  { kind, line, exitCode }: ContainerFault,
): { readonly code: VeleroCode; readonly text: string; readonly evidence: readonly string[] } => {
  const { code, what, fix } = words[kind]
  const exit = exitCode === undefined ? '' : ` (exit code ${exitCode}${restarts > 0 ? `, started ${restarts + 1} times` : ''})`
  const since = state.kind === 'running' && state.startedAt !== undefined ? ` since ${printable(state.startedAt, 40)}` : ''
  const said = line === undefined ? '' : ` It says: ${printable(line, 400)}.`
  return {
    code,
    text: `${what.replace('IMAGE', () => printable(image, 300))}${exit}${since}.${said.replace(/\.\.$/, '.')} ${fix}`,
    evidence: line === undefined ? [] : [`container ${printable(name)}: ${printable(line, 1000)}`],
  }
}
