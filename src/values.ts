import { type ConfigFile, readDocuments } from './embedded-cluster/config.ts'
import { configFindings } from './embedded-cluster/config-findings.ts'
import { withInstallations } from './embedded-cluster/installation-input.ts'
import { pluginFindings } from './embedded-cluster/plugin-findings.ts'
import { type KnownSchema, schemaOf } from './embedded-cluster/plugins.ts'
import { atStage } from './embedded-cluster/stage.ts'
import { type AddonImages, type Architecture, addonImages, addonImagesOf } from './embedded-cluster/values/addon-images.ts'
import { differences, type ValuesDifference } from './embedded-cluster/values/differences.ts'
import { type HelmValues, helmValues, sorted } from './embedded-cluster/values/helm-values.ts'
import { overrideValues } from './embedded-cluster/velero-override.ts'
import { PreflightError } from './errors.ts'
import type { ClusterFact } from './facts/cluster.ts'
import type { ConfigFact } from './facts/config.ts'
import type { Finding } from './outcome.ts'
import { showPosition } from './position.ts'
import { type Live, platformsOf } from './preflight.ts'
import { printable } from './redact.ts'
import { defaults } from './settings/defaults.ts'
import type { Settings } from './settings.ts'
import { readConfigInputs } from './world/config-inputs.ts'
import { readYamlFiles } from './world/files.ts'
import { loadCluster } from './world/load-cluster.ts'
import { parseYaml, toJs, type YamlDocument } from './yaml-source.ts'

export interface ValuesOptions {
  /** Empty: the Config's own. */
  readonly proxyRegistryDomain: string
  /** What the values are held against: a values file, or the Deployment of the cluster. */
  readonly against: { readonly file: string } | 'cluster' | undefined
}

export interface ValuesResult {
  readonly values: HelmValues
  /** Whose images of Velero and its AWS plugin these are. */
  readonly images: AddonImages
  readonly architecture: Architecture
  /** Of the check `config`: what is wrong with the Config that the values are made of. */
  readonly findings: readonly Finding[]
  readonly differences: readonly ValuesDifference[] | undefined
}

/** Config → Helm values of Velero. @throws PreflightError */
export const makeValues = async (settings: Settings, options: ValuesOptions, live: Live): Promise<ValuesResult> => {
  if (settings.configs.length === 0 && settings.cluster === undefined)
    throw new PreflightError('USAGE', 'Which Embedded Cluster Config? --config is missing.', {
      hint: 'Give --config FILE, a folder, or - for standard input; or --from-cluster for the installed one.',
    })
  const given = settings.configs.length === 0 ? undefined : withInstallations(await readConfigInputs(settings.configs, '--config', live))
  const cluster = await loadCluster(settings, live)
  try {
    const files = given ?? (cluster === undefined ? [] : [cluster.config()])
    return await valuesOf(files, cluster?.fact(), settings, options, live)
  } finally {
    await cluster?.close()
  }
}

const valuesOf = async (
  files: readonly ConfigFile[],
  cluster: ClusterFact | undefined,
  settings: Settings,
  { proxyRegistryDomain, against }: ValuesOptions,
  live: Live,
): Promise<ValuesResult> => {
  const { documents, configs: read } = readDocuments(files)
  const configs = atStage(read, settings.stage)
  const { schema } = schemaOf(configs, settings.schema ?? defaults.schema)
  // Embedded Cluster takes the last that it meets; that there are several is a fail of its own.
  const config = configs.at(-1)
  if (config === undefined) throw new TypeError('readConfigs gives at least one Config')
  const images = imagesFor(config, settings.ecVersion)
  const architecture = architectureOf(platformsOf(settings, cluster).platforms)
  const override = overrideOf(documents.at(-1))
  const values = sorted(helmValues(config, { schema, proxyRegistryDomain, images, architecture, override })) as HelmValues
  const found = against === undefined ? undefined : await heldAgainst(against, values, cluster, live)
  return { values, images, architecture, findings: findingsOf(configs, settings, schema), differences: found }
}

const findingsOf = (configs: readonly ConfigFact[], { schema: asked }: Settings, schema: KnownSchema): readonly Finding[] => [
  ...configFindings(configs, asked ?? defaults.schema),
  ...configs.flatMap(config => pluginFindings(config, schema).flat()),
]

/** Those of the version that was asked for, else of the Config's, else the newest that is known. @throws PreflightError USAGE */
const imagesFor = ({ version }: ConfigFact, asked: string | undefined): AddonImages => {
  const known = addonImagesOf(asked ?? version?.text ?? '') ?? (asked === undefined ? addonImages[0] : undefined)
  if (known !== undefined) return known
  throw new PreflightError('USAGE', `--ec-version ${printable(asked ?? '')}: its images of Velero are not known.`, {
    hint: 'Give a version of Embedded Cluster 2 since 2.13.0.',
  })
}

/** Embedded Cluster publishes these two, each by itself. @throws PreflightError USAGE */
const architectureOf = (platforms: readonly string[]): Architecture => {
  const found = [...new Set(platforms.map(platform => platform.split('/')[1] ?? ''))]
  if (found.length === 1 && (found[0] === 'amd64' || found[0] === 'arm64')) return found[0]
  throw new PreflightError(
    'USAGE',
    `Values are for one architecture, amd64 or arm64, not ${found.map(one => printable(one)).join(', ')}.`,
    {
      hint: 'Name it with --platform linux/amd64 or linux/arm64.',
    },
  )
}

/** @throws PreflightError CONFIG_INVALID where Embedded Cluster could not merge it in */
const overrideOf = (document: YamlDocument | undefined): HelmValues | undefined => {
  const override = overrideValues(document?.root)
  if (override === undefined) return undefined
  if (typeof override.values !== 'string') return toJs(override.values) as HelmValues
  const what = `the override of the built-in extension velero cannot be merged into the Helm values: ${override.values}`
  throw new PreflightError('CONFIG_INVALID', `${showPosition(override.position)}: ${what}.`, { hint: 'Correct it.' })
}

const heldAgainst = async (
  against: { readonly file: string } | 'cluster',
  values: HelmValues,
  cluster: ClusterFact | undefined,
  { stdin }: Live,
): Promise<readonly ValuesDifference[]> => {
  if (against === 'cluster') return differences(comparable(values), deployed(cluster))
  const [file] = await readYamlFiles([against.file], '--diff', stdin)
  if (file === undefined || file.fromFolder)
    throw new PreflightError('USAGE', `--diff ${printable(against.file)}: it is a folder, not a values file.`)
  const root = parseYaml(file.bytes, against.file)[0]?.root
  if (root !== undefined && root.kind !== 'map')
    throw new PreflightError('YAML_INVALID', `--diff ${printable(against.file)}: values are a mapping.`)
  return differences(values, root === undefined ? {} : (toJs(root) as HelmValues))
}

/** What a Deployment shows of its values. */
const comparable = ({ image, initContainers }: HelmValues): HelmValues => {
  const { repository = '', tag = '', imagePullSecrets } = (image ?? {}) as HelmValues
  const containers = Array.isArray(initContainers) ? (initContainers as readonly HelmValues[]) : []
  return {
    initContainers: containers.map(({ name = '', image: plugin = '' }) => ({ name, image: plugin })),
    image: { reference: `${repository}:${tag}`, ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }) },
  }
}

const deployed = (cluster: ClusterFact | undefined): HelmValues => {
  const call = cluster?.calls.find(one => one.call === 'deployment')
  if (call?.ok === false) throw new PreflightError(call.code, call.message, { hint: call.hint })
  const { deployment } = cluster ?? {}
  if (deployment === undefined)
    throw new PreflightError('CONFIG_NOT_FOUND', 'The cluster has no Deployment of Velero to hold the values against.', {
      hint: 'Name its namespace with --namespace, or hold them against a file: --diff FILE.',
    })
  const { initContainers = [], serverImage = '', imagePullSecrets } = deployment
  return {
    initContainers: initContainers.map(({ name, image }) => ({ name, image })),
    image: { reference: serverImage, ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets }) },
  }
}
