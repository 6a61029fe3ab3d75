import type { Attempt } from '../../facts/image.ts'
import type { PullSecretFact, SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { attemptLine, loginWords } from '../analyzer.ts'
import type { PullSecretCode } from './codes.ts'

export type Collected = Extract<PullSecretFact, { ok: true }>

/** What all findings about one plugin rest on. */
export interface Case {
  /** As written, printable. */
  readonly image: string
  readonly fact: Collected
  /** Whether kubelet, asking as it would, gets the image. */
  readonly pulled: boolean
  /** The folder or archive that was read, so that no registry was asked. */
  readonly local?: string | undefined
  /** Whether a plugin can name a pull secret at all: Embedded Cluster ignores it. */
  readonly namable: boolean
  /** Its message begins with the plugin's name. */
  finding(code: PullSecretCode, message: string, evidence?: readonly string[]): Finding
}

export const secretName = ({ namespace, name }: SecretFact): string => printable(`${namespace}/${name}`)

/** How the registry was asked, each once. */
export const attemptLines = ({ attempts, anonymous, dockerConfig }: Collected): readonly string[] => {
  const all: readonly (Attempt | undefined)[] = [...attempts, anonymous, dockerConfig]
  return [...new Set(all.filter(attempt => attempt !== undefined).map(attemptLine))]
}

/** The command that makes a secret for the image. */
export const makeIt = ({ namespace, name: image }: Collected, name: string): string =>
  `kubectl create secret docker-registry ${printable(name)} -n ${printable(namespace)} --docker-server=${printable(image.split('/', 1)[0]!)} --docker-username=… --docker-password=…`

/** What there is that would help. */
export const atHand = ({ fact: { candidates, dockerConfig, namespace }, namable }: Pick<Case, 'fact' | 'namable'>): string => {
  const names = candidates.map(name => printable(name)).join(', ')
  const place = candidates.every(name => name.startsWith(`${namespace}/`)) ? '' : 'in this namespace and '
  const secrets =
    names === ''
      ? ''
      : ` Of the Secrets that were given, ${names} would cover it, were it ${place}${namable ? 'named' : "given to Velero's pod"}.`
  const docker = dockerConfig?.ok ? ` It can be pulled with ${loginWords(dockerConfig.credential)}, which no node has.` : ''
  return `${secrets}${docker}`
}
