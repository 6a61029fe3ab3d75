import type { Attempt } from '../../facts/image.ts'
import type { PullSecretFact, SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { attemptLine } from '../analyzer.ts'
import type { PullSecretCode } from './codes.ts'

export type Collected = Extract<PullSecretFact, { ok: true }>

/** What all findings about one plugin rest on. */
export interface Case {
  readonly plugin: string
  readonly image: string
  readonly fact: Collected
  /** Whether kubelet, asking as it would, gets the image. */
  readonly pulled: boolean
  finding(code: PullSecretCode, message: string, evidence?: readonly string[]): Finding
}

export const secretName = ({ namespace, name }: SecretFact): string => printable(`${namespace}/${name}`)

/** How the registry was asked, each once. */
export const attemptLines = ({ attempts, anonymous, dockerConfig }: Collected): readonly string[] => {
  const all: readonly (Attempt | undefined)[] = [...attempts, anonymous, dockerConfig]
  return [...new Set(all.filter(attempt => attempt !== undefined).map(attemptLine))]
}
