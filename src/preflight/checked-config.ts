import type { Readable } from 'node:stream'
import { readConfigs } from '../embedded-cluster/config.ts'
import { withInstallations } from '../embedded-cluster/installation-input.ts'
import { pluginsOf } from '../embedded-cluster/plugins.ts'
import { podSecretsOf } from '../embedded-cluster/pod-secrets.ts'
import { readConfigInputs } from '../world/config-inputs.ts'

/** A Config that is handed on, to be read elsewhere. */
export interface CheckedConfig {
  /** YAML, of one document or more. */
  readonly text: string
  /** Names of the pull secrets that it speaks of. */
  readonly secrets: readonly string[]
}

/** The Configs of these files, read by the rules of a run. @throws PreflightError */
export const checkedConfig = async (paths: readonly string[], stdin: Readable): Promise<CheckedConfig> => {
  const files = withInstallations(await readConfigInputs(paths, '--config', { stdin, signal: new AbortController().signal }))
  const configs = readConfigs(files)
  const holding = files.filter(({ file }) => configs.some(({ position }) => position.file === file))
  return {
    text: holding.map(({ bytes }) => Buffer.from(bytes).toString().replace(/\n*$/, '\n')).join('---\n'),
    secrets: podSecretsOf(configs, pluginsOf(configs, 'auto')).toRead,
  }
}
