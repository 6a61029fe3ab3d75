import { ownPlugin, pluginsOf } from '../../embedded-cluster/plugins.ts'
import { PreflightError } from '../../errors.ts'
import type { ClusterFact } from '../../facts/cluster.ts'
import type { ConfigFact } from '../../facts/config.ts'
import type { Failure } from '../../facts/fact.ts'
import type { InstalledFact } from '../../facts/installed.ts'
import type { CallName } from '../../kubernetes/calls.ts'
import type { ContainerFact } from '../../kubernetes/objects.ts'
import { referenceOf } from '../../oci/node-image.ts'
import { veleroOf } from '../../velero/ec-versions.ts'
import { parseVersion } from '../../velero/framework.ts'
import type { AnalyzeInput } from '../analyzer.ts'

/** What is there and what will be, side by side: what all of this check compares. */
export interface Situation {
  readonly configs: readonly ConfigFact[]
  /** The init containers of the new Config beside Embedded Cluster's own, in their order. */
  readonly next: readonly ContainerFact[]
  /** Absent: neither the cluster nor a file was asked, which is a failed fact. */
  readonly installed: InstalledFact
  /** Those of the installed Config; absent where there is none. */
  readonly before?: readonly ContainerFact[]
  /** Absent: only files were read. */
  readonly cluster?: ClusterFact
  /** Those of the Deployment; absent where there is none, or it could not be read. */
  readonly running?: readonly ContainerFact[]
  /** Why it is not known what runs. */
  readonly runningUnread?: Failure
  /** The Velero that will run, and the one that does; absent: nobody said. */
  readonly velero?: string
  readonly veleroNow?: string
}

/** @throws PreflightError FACT_MISSING */
export const situationOf = (input: AnalyzeInput): Situation => {
  const configs = input.read('config')
  const [installed] = input.read('installed')
  if (installed === undefined)
    throw new PreflightError('FACT_MISSING', 'There is nothing to compare the Config with.', {
      hint: 'Collect with --from-cluster or --installed.',
    })
  const [cluster] = readIfThere(input)
  const before = installed.ok ? effective([installed.config], input.schema) : undefined
  const runningUnread = failureOf(cluster, 'deployment') ?? failureOf(cluster, 'pods')
  const running = cluster?.deployment?.initContainers
  const velero = input.veleroVersion ?? veleroOfConfigs(configs)
  const veleroNow = versionOf(cluster?.deployment?.serverImage) ?? (installed.ok ? veleroOfConfigs([installed.config]) : undefined)
  return {
    configs,
    installed,
    next: effective(configs, input.schema),
    ...(before && { before }),
    ...(cluster && { cluster }),
    ...(running && { running }),
    ...(runningUnread && { runningUnread }),
    ...(velero === undefined ? {} : { velero }),
    ...(veleroNow === undefined ? {} : { veleroNow }),
  }
}

/** Without `--from-cluster` there are none. */
const readIfThere = (input: AnalyzeInput): readonly ClusterFact[] => {
  try {
    return input.read('cluster')
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'FACT_MISSING') return []
    throw error
  }
}

export const failureOf = (cluster: ClusterFact | undefined, name: CallName): Failure | undefined =>
  cluster?.calls.find((one): one is typeof one & Failure => one.call === name && !one.ok)

/** What Embedded Cluster makes of a Config: an override that sets init containers replaces all others (EC 2.19 pkg/helm/values.go). */
const effective = (configs: readonly ConfigFact[], schema: AnalyzeInput['schema']): readonly ContainerFact[] => {
  const override = configs.map(config => config.override?.initContainers).find(list => list !== undefined)
  const plugins = pluginsOf(configs, schema).map(({ plugin, image }) => ({ name: plugin, image }))
  return (override ?? plugins).filter(({ name }) => name !== ownPlugin)
}

/** By `spec.version`, which names the Embedded Cluster; that of 1 and 3 brings no Velero that is known. */
const veleroOfConfigs = (configs: readonly ConfigFact[]): string | undefined => {
  const version = configs.map(config => config.version?.text).find(text => text !== undefined)
  try {
    return version === undefined ? undefined : veleroOf(version)
  } catch (error) {
    if (error instanceof PreflightError) return undefined
    throw error
  }
}

/** `velero:v1.18.2-amd64@sha256:…` is 1.18.2. */
const versionOf = (image: string | undefined): string | undefined => {
  const tag = image === undefined ? undefined : referenceOf(image)?.tag
  const version = tag === undefined ? undefined : parseVersion(tag)
  return version && `${version.major}.${version.minor}.${version.patch}`
}
