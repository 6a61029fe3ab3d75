import { stringify } from 'yaml'
import { PreflightError } from '../errors.ts'
import type { CallFact } from '../facts/cluster.ts'
import { secretOfObject } from '../kubelet/secret.ts'
import type { Call } from '../kubernetes/calls.ts'
import { type JsonObject, textAt, valueAt } from '../kubernetes/objects.ts'

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
  readonly installation: JsonObject | undefined
  readonly inSecret: JsonObject | undefined
  readonly context: string
}

/** @throws PreflightError CONFIG_NOT_FOUND; CLUSTER_… when it could not be had */
export const installedConfig = ({ asked, installation, inSecret, context }: Installed): InstalledConfig => {
  const failed = asked.find(({ call, ok }) => !ok && (call === 'installations' || call === 'configSecret'))
  if (failed !== undefined && !failed.ok)
    throw new PreflightError(failed.code, `Without --config it is the installed Config that is checked. ${failed.message}`, {
      hint: failed.hint,
    })
  const none = (what: string) =>
    new PreflightError('CONFIG_NOT_FOUND', `There is no --config, and ${what}.`, { hint: 'Give the Config with --config.' })
  if (installation === undefined) throw none(`the cluster ${context} has no Installation of Embedded Cluster`)
  const name = textAt(installation, 'metadata', 'name') ?? ''
  const file = (text: string) => ({ file: `installation/${name}`, bytes: Buffer.from(text), fromFolder: false }) as const
  if (legacyOf(installation) !== undefined) {
    const text = inSecret === undefined ? undefined : secretOfObject(inSecret, context).data['config.yaml']
    if (text === undefined) throw none(`the Secret that the Installation ${name} names for its Config holds none`)
    return file(text)
  }
  const spec = valueAt(installation, 'spec', 'config')
  if (spec === undefined || spec === null) throw none(`the Installation ${name} of the cluster ${context} holds no Config`)
  const config = { apiVersion: 'embeddedcluster.replicated.com/v1beta1', kind: 'Config', spec }
  return file(stringify(config, { lineWidth: 0, aliasDuplicateObjects: false }))
}
