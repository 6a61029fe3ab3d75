import { stringify } from 'yaml'
import { PreflightError } from '../errors.ts'
import type { ConfigFact } from '../facts/config.ts'
import type { EarlierPlugin } from '../facts/installed.ts'
import { isObject, type JsonObject, listAt, newestFirst, textAt, valueAt } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import { parseYaml, toJs } from '../yaml-source.ts'
import { type ConfigFile, readConfigs } from './config.ts'
import { configApiVersion } from './config-shape.ts'

/** What an Installation keeps of the Config is its spec: the document around it is made again. Undefined where it keeps none. */
export const configOfInstallation = (installation: JsonObject): ConfigFile | undefined => {
  const spec = valueAt(installation, 'spec', 'config')
  if (spec === undefined || spec === null) return undefined
  const config = { apiVersion: configApiVersion, kind: 'Config', spec }
  const text = stringify(config, { lineWidth: 0, aliasDuplicateObjects: false })
  return { file: `installation/${textAt(installation, 'metadata', 'name') ?? ''}`, bytes: Buffer.from(text), fromFolder: false }
}

/** More than these no pod has (read-config.ts). */
const maxPlugins = 1000

/** The latest Installation before the current one that has plugins: what upgrades dropped since is gone from the current one. */
export const earlierPlugins = (
  installations: readonly unknown[],
): { readonly installation: string; readonly plugins: readonly EarlierPlugin[] } | undefined =>
  newestFirst(installations)
    .slice(1)
    .map(one => ({
      installation: textAt(one, 'metadata', 'name') ?? '',
      plugins: listAt(one, 'spec', 'config', 'extensions', 'velero', 'plugins')
        .slice(0, maxPlugins)
        .map(plugin => ({ name: textAt(plugin, 'name') ?? '', image: redact(textAt(plugin, 'image') ?? '') }))
        .filter(({ name }) => name !== ''),
    }))
    .find(({ plugins }) => plugins.length > 0)

interface InstalledFile {
  readonly installation?: string
  readonly config: ConfigFact
  readonly earlier?: NonNullable<ReturnType<typeof earlierPlugins>>
}

/**
 * What `--installed` names: a Config, or the Installations of a cluster as `kubectl get installations -o yaml` or a support bundle
 * has them (one, a list, a JSON array).
 *
 * @throws PreflightError YAML_INVALID, CONFIG_INVALID; CONFIG_NOT_FOUND when it holds neither
 */
export const readInstalled = ({ file, bytes }: Pick<ConfigFile, 'file' | 'bytes'>): InstalledFile => {
  const documents = parseYaml(bytes, file).flatMap(({ root }) => (root === undefined ? [] : [toJs(root) as unknown]))
  const installations = documents.flatMap(installationsIn)
  const [current] = newestFirst(installations)
  if (current === undefined) return { config: onlyConfig(readConfigs([{ file, bytes, fromFolder: false }]), file) }
  const name = textAt(current, 'metadata', 'name') ?? ''
  const config = configOfInstallation(current)
  const inSecret = textAt(current, 'spec', 'configSecret', 'name')
  if (config === undefined || inSecret)
    throw new PreflightError('CONFIG_NOT_FOUND', `--installed ${printable(file)}: the Installation ${printable(name)} holds no Config.`, {
      hint: inSecret
        ? 'It names a Secret that has it: give the config.yaml of that Secret instead.'
        : 'Give the Config that is installed instead.',
    })
  const earlier = earlierPlugins(installations)
  // Positions in a document that was made here would lead nowhere.
  return { installation: name, config: onlyConfig(readConfigs([{ ...config, file }]), file), ...(earlier && { earlier }) }
}

/** In a document: one, a list of them, or an array. */
export const installationsIn = (value: unknown): readonly JsonObject[] => {
  if (Array.isArray(value)) return value.flatMap(installationsIn)
  if (!isObject(value)) return []
  const group = textAt(value, 'apiVersion')?.split('/')[0]
  if (textAt(value, 'kind') === 'Installation' && group === configApiVersion.split('/')[0]) return [value]
  return /List$/.test(textAt(value, 'kind') ?? '') ? listAt(value, 'items').flatMap(installationsIn) : []
}

/** Of several nobody knows which one is installed. */
const onlyConfig = (configs: readonly ConfigFact[], file: string): ConfigFact => {
  const [config] = configs
  if (config !== undefined && configs.length === 1) return config
  throw new PreflightError('CONFIG_INVALID', `--installed ${printable(file)}: there are ${configs.length} Configs in it.`, {
    hint: 'Give the one that is installed.',
  })
}
