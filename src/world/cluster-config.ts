import { readConfigs } from '../embedded-cluster/config.ts'
import { configOfInstallation, earlierPlugins } from '../embedded-cluster/installed.ts'
import { PreflightError } from '../errors.ts'
import type { CallFact } from '../facts/cluster.ts'
import { failure } from '../facts/fact.ts'
import type { InstalledFact } from '../facts/installed.ts'
import { secretOfObject } from '../kubelet/secret.ts'
import type { Call } from '../kubernetes/calls.ts'
import { currentInstallation, type JsonObject, textAt } from '../kubernetes/objects.ts'

/** As a file that was given with `--config`. */
export interface InstalledConfig {
  readonly file: string
  readonly bytes: Uint8Array
  readonly fromFolder: false
}

/** Installations of Embedded Cluster 1 kept their Config in a Secret, which then counts (kinds/apis/v1beta1/installation_types.go). */
export const legacyOf = (installation: JsonObject | undefined): Call | undefined => {
  const [name, namespace] = [
    textAt(installation, 'spec', 'configSecret', 'name'),
    textAt(installation, 'spec', 'configSecret', 'namespace'),
  ]
  return name && namespace ? { call: 'configSecret', namespace, name } : undefined
}

interface Installed {
  readonly asked: readonly CallFact[]
  readonly installations: readonly unknown[]
  readonly inSecret: JsonObject | undefined
  /** `the cluster …`, `the support bundle …` */
  readonly place: string
}

/** What the words of an error begin with. */
interface Words {
  readonly unread: string
  readonly none: string
  readonly hint: string
}

const asConfig: Words = {
  unread: 'Without --config it is the installed Config that is checked.',
  none: 'There is no --config, and',
  hint: 'Give the Config with --config.',
}

/** The installed Config in place of one that was given. @throws PreflightError CONFIG_NOT_FOUND; CLUSTER_… when it could not be had */
export const installedConfig = (installed: Installed): InstalledConfig => configIn(installed, asConfig)

const toCompare: Words = {
  unread: 'Which Config is installed is not known.',
  none: 'There is no installed Config:',
  hint: 'Give the Config that is installed with --installed.',
}

/** The installed Config, for a new one to be compared with. What cannot be had or read is a failed fact. */
export const installedFact = (installed: Installed): InstalledFact => {
  const { installations, place: from } = installed
  try {
    const earlier = earlierPlugins(installations)
    const [config] = readConfigs([configIn(installed, toCompare)])
    const installation = textAt(currentInstallation(installations), 'metadata', 'name') ?? ''
    return { from, ok: true, installation, config: config!, ...(earlier && { earlier }) }
  } catch (error) {
    return { from, ...failure(error) }
  }
}

const configIn = ({ asked, installations, inSecret, place }: Installed, words: Words): InstalledConfig => {
  const failed = asked.find(({ call, ok }) => !ok && (call === 'installations' || call === 'configSecret'))
  if (failed !== undefined && !failed.ok) throw new PreflightError(failed.code, `${words.unread} ${failed.message}`, { hint: failed.hint })
  const none = (what: string) => new PreflightError('CONFIG_NOT_FOUND', `${words.none} ${what}.`, { hint: words.hint })
  const installation = currentInstallation(installations)
  if (installation === undefined) throw none(`${place} has no Installation of Embedded Cluster`)
  const name = textAt(installation, 'metadata', 'name') ?? ''
  const file = (bytes: Uint8Array) => ({ file: `installation/${name}`, bytes, fromFolder: false }) as const
  if (legacyOf(installation) !== undefined) {
    const text = inSecret === undefined ? undefined : secretOfObject(inSecret, place).data['config.yaml']
    if (text === undefined) throw none(`the Secret that the Installation ${name} names for its Config holds none`)
    return file(Buffer.from(text))
  }
  const config = configOfInstallation(installation)
  if (config === undefined) throw none(`the Installation ${name} of ${place} holds no Config`)
  return file(config.bytes)
}
