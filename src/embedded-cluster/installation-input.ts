import { PreflightError } from '../errors.ts'
import { newestFirst, textAt } from '../kubernetes/objects.ts'
import { printable } from '../redact.ts'
import { parseYaml, toJs } from '../yaml-source.ts'
import type { ConfigFile } from './config.ts'
import { configOfInstallation, installationsIn } from './installed.ts'

/**
 * Files with Installations, as `kubectl get installations -o json` or a support bundle has them, by the Config that the current one
 * holds; other files as they are.
 *
 * @throws PreflightError CONFIG_NOT_FOUND when it holds none
 */
export const withInstallations = (files: readonly ConfigFile[]): readonly ConfigFile[] => files.map(file => configIn(file) ?? file)

const configIn = ({ file, bytes }: ConfigFile): ConfigFile | undefined => {
  // Nearly no file has one, and each would be parsed twice.
  if (!Buffer.from(bytes).includes('Installation')) return undefined
  const [current] = newestFirst(installationsOf(bytes, file))
  if (current === undefined) return undefined
  const name = printable(textAt(current, 'metadata', 'name') ?? '')
  const config = configOfInstallation(current)
  const inSecret = textAt(current, 'spec', 'configSecret', 'name')
  if (config === undefined || inSecret)
    throw new PreflightError('CONFIG_NOT_FOUND', `${printable(file)}: the Installation ${name} holds no Config.`, {
      hint: inSecret ? 'It names a Secret that has it: give the config.yaml of that Secret.' : 'Give the Config itself.',
    })
  return { ...config, file: `${file}/${config.file}` }
}

const installationsOf = (bytes: Uint8Array, file: string): ReturnType<typeof installationsIn> => {
  try {
    return parseYaml(bytes, file).flatMap(({ root }) => (root === undefined ? [] : installationsIn(toJs(root))))
  } catch {
    // Whoever reads it as a Config says what is wrong.
    return []
  }
}
