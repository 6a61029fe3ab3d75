import type { Readable } from 'node:stream'
import { accept } from './accept.ts'
import { analyzersOf, checksOf, loadSpec } from './chosen-checks.ts'
import { collect, type ProgressEvent } from './collect.ts'
import { type ConfigFile, readConfigs } from './embedded-cluster/config.ts'
import { withInstallations } from './embedded-cluster/installation-input.ts'
import { readInstalled } from './embedded-cluster/installed.ts'
import { pluginsOf, schemaOf, withoutReleaseDomain } from './embedded-cluster/plugins.ts'
import { type PodSecrets, podSecretsOf } from './embedded-cluster/pod-secrets.ts'
import { atStage } from './embedded-cluster/stage.ts'
import { PreflightError } from './errors.ts'
import type { ClusterFact } from './facts/cluster.ts'
import type { ConfigFact } from './facts/config.ts'
import type { Plugin } from './facts/fact.ts'
import type { InstalledFact } from './facts/installed.ts'
import { type CheckKind, type Collection, type ConfigSchema, type FactKind, factsFor, type PlatformsFrom } from './facts.ts'
import { nodePlatforms } from './kubernetes/platforms.ts'
import type { Meter } from './meter.ts'
import { formatPlatform, normalize, splitPlatform } from './oci/platform.ts'
import type { Report } from './outcome.ts'
import { wantsAttestations } from './policy/attestation-rule.ts'
import { openBundled, withBundled } from './preflight/air-gap.ts'
import { asksRegistries, checksIn, clusterOf, joined, missingOf, openSource } from './preflight/bundle-source.ts'
import { clusterFor, installedConfigs } from './preflight/cluster-source.ts'
import { licenseOf } from './preflight/license.ts'
import { analyzersWith, noConfig } from './preflight/without-plugins.ts'
import { readPolicies, readTrust, withTrustedRoot } from './read-trust.ts'
import { printable } from './redact.ts'
import { defaults } from './settings/defaults.ts'
import type { Settings } from './settings.ts'
import { suggest } from './suggest.ts'
import { type PolicySource, sourcesOf } from './trust/sources.ts'
import type { Cluster } from './world/cluster.ts'
import { readConfigInputs, releaseOf } from './world/config-inputs.ts'
import { readYamlFiles } from './world/files.ts'
import { liveWorld } from './world/live.ts'
import type { AirgapStore } from './world/world.ts'

export { type CheckedConfig, checkedConfig } from './preflight/checked-config.ts'
export { allowPipes, endPipes } from './world/pipes.ts'

/** What a live run is given beside its settings. */
export interface Live {
  readonly stdin: Readable
  /** Its reason is the PreflightError that the facts not yet had will carry. */
  readonly signal: AbortSignal
  readonly progress: (event: ProgressEvent) => void
  /** A line for each request (`--debug`). */
  readonly trace?: ((line: string) => void) | undefined
  /** Told of each request, of what comes, and of the cache (`--metrics-file`). */
  readonly meter?: Meter | undefined
}

/** Whoever is asked first says it: the user, the cluster's nodes, nobody. */
export const platformsOf = (
  { platforms }: Settings,
  cluster: ClusterFact | undefined,
): { readonly platforms: readonly string[]; readonly platformsFrom: PlatformsFrom } => {
  if (platforms !== undefined) return { platforms, platformsFrom: 'flag' }
  const ofNodes = nodePlatforms(cluster?.nodes ?? []).map(text => formatPlatform(normalize(splitPlatform(text))))
  return ofNodes.length > 0 ? { platforms: ofNodes, platformsFrom: 'nodes' } : { platforms: [defaults.platform], platformsFrom: 'default' }
}

/** A misspelt name would leave the image of the Config to be checked, and nobody would notice. @throws PreflightError USAGE */
const requireNamed = (names: Iterable<string>, plugins: readonly Plugin[]): void => {
  const known = plugins.map(({ plugin }) => plugin)
  for (const name of names) {
    if (known.includes(name)) continue
    const meant = suggest(name, known)
    const shown = known.slice(0, 20).map(one => printable(one, 80))
    const list = shown.length === 0 ? 'It names none at all.' : `Its plugins are ${shown.join(', ')}.`
    throw new PreflightError('USAGE', `--image ${printable(name)}: the Config has no plugin of this name.`, {
      hint: meant === undefined ? list : `Was ${printable(meant)} meant?`,
    })
  }
}

/** Logins for where policies say that signatures are kept are read too, and no pod gets them. */
export const withSecretsOf = (sources: readonly PolicySource[], pod: PodSecrets): PodSecrets => ({
  ...pod,
  toRead: [...new Set([...pod.toRead, ...sources.flatMap(({ pullSecrets }) => pullSecrets)])],
})

const ofEnvironment = (text: string): ConfigFile => ({
  file: 'VELERO_PLUGIN_PREFLIGHT_CONFIG',
  bytes: Buffer.from(text),
  fromFolder: false,
})

/** Config → spec → collect. @throws PreflightError for what the user gave; what the world does wrong is in the collection */
export const gather = async (settings: Settings, live: Live): Promise<Collection> => {
  const { fromBundle, into, upgrade, airgapBundle, configText } = settings
  // Before anything is reached: a spec or key that cannot be used should not cost a wait.
  const [spec, files, installedFiles] = await Promise.all([
    loadSpec(settings),
    readConfigInputs(settings.configs, '--config', live),
    readYamlFiles(upgrade.installed === undefined ? [] : [upgrade.installed], '--installed', live.stdin),
    readPolicies(settings.trust),
  ])
  const own = configText === undefined ? spec.configs : [ofEnvironment(configText)]
  const held = settings.configs.length > 0 ? files : own
  const sources = [settings.cluster, fromBundle, into, airgapBundle]
  if (held.length === 0 && sources.every(source => source === undefined)) {
    throw new PreflightError('USAGE', 'Which Embedded Cluster Config? --config is missing.', {
      hint: 'Give --config FILE, a folder, or - for standard input; --from-cluster for the installed one; or --bundle with a support bundle.',
    })
  }
  const source = await openSource(settings, live.signal)
  const checks = checksOf(settings, spec, source && checksIn(source, settings))
  const given = held.length > 0 ? readConfigs(withInstallations(held)) : source?.kept?.facts.config
  const [ofFile] = installedFiles.map((file): InstalledFact => ({ from: file.file, ok: true, ...readInstalled(file) }))
  const compares = checks.includes('upgrade')
  const cluster = await clusterFor(source, settings, live, compares)
  const airgap = await openBundled(settings, live)
  try {
    const brought = given === undefined && cluster === undefined && airgap !== undefined ? readConfigs(releaseOf(airgap)) : undefined
    const read = given ?? brought ?? installedConfigs(cluster, fromBundle !== undefined)
    const configs = atStage(compares ? withoutReleaseDomain(read) : read, settings.stage)
    const installed = compares ? (ofFile ?? cluster?.installed()) : undefined
    const missing = missingOf(source?.kept, checks)
    const known = cluster?.fact() ?? (source && clusterOf(source))
    return joined(source?.kept, await gatherFrom({ configs, installed, known }, missing, { cluster, airgap }, settings, live), checks)
  } finally {
    await Promise.all([cluster?.close(), airgap?.close()])
  }
}

interface Read {
  readonly configs: readonly ConfigFact[]
  readonly installed: InstalledFact | undefined
  /** Of the cluster, also where it was read by an earlier run. */
  readonly known: ClusterFact | undefined
}

const loadAnalysis = () => import('./analyze.ts')

/** Of the time for the whole run; the rest is for taking away what was made for them. */
const nodesShare = 0.7

const gatherFrom = async (
  { configs, installed, known }: Read,
  checks: readonly CheckKind[],
  { cluster, airgap }: { readonly cluster: Cluster | undefined; readonly airgap: AirgapStore | undefined },
  settings: Settings,
  { signal, progress, trace, meter }: Live,
): Promise<Collection> => {
  const schema = settings.schema ?? defaults.schema
  const plugins = pluginsOf(configs, schema)
  const { secrets, dockerConfig, namespace, network, cache, now, serverStatus } = settings
  requireNamed(settings.images.keys(), plugins)
  const images = withBundled(settings.images, plugins, airgap)
  const license = licenseOf(settings, configs)
  const ofPolicies = sourcesOf((await readPolicies(settings.trust)).policies, plugins)
  const all = withSecretsOf(ofPolicies, podSecretsOf(configs, plugins, known))
  // No bundle holds values of Secrets: that they lack is told only where they are needed.
  const pod = settings.cluster !== undefined || asksRegistries(checks) ? all : { ...all, toRead: [] }
  const nodes = settings.nodes && { ...settings.nodes, timeoutMs: settings.timeoutMs * nodesShare }
  const logins = { pod, secrets, dockerConfig, license, namespace }
  const reached = { now, signal, trace, meter, cache, ...network }
  const world = await liveWorld({ cluster, airgap, serverStatus, nodes, images, ...logins, ...reached })
  try {
    const needed = platformsOf(settings, world.cluster)
    await airgap?.plan(plugins, needed.platforms)
    const { prove, signatureRepository } = settings
    const signatureSources = [...(signatureRepository === undefined ? [] : [{ repository: signatureRepository }]), ...ofPolicies]
    const scanner = settings.scanner && (await import('./world/scanner.ts')).createScanner(settings.scanner, world.registry, signal)
    const withoutSboms = !checks.includes('attestation')
    const context = {
      configs,
      plugins,
      ...(installed && { installed }),
      platforms: needed.platforms,
      world,
      prove,
      signal,
      signatureSources,
      withoutSboms,
      ...(scanner && { scanner }),
    }
    // What judges is loaded while answers are waited for.
    const [collection] = await Promise.all([collect({ checks, schema, context, progress }), loadAnalysis()])
    return { ...collection, ...needed }
  } finally {
    await Promise.all([world.registry.close(), world.layerCache?.close()])
  }
}

export const pluginsIn = (collection: Collection, schema = collection.schema): readonly Plugin[] =>
  pluginsOf(collection.facts.config ?? [], schema)

/** The registry was asked with the pull secrets of the schema that was collected with; by another one a node may have others. */
const unfitOf = ({ facts, schema }: Collection, asked: ConfigSchema): ReadonlyMap<FactKind, PreflightError> => {
  const configs = facts.config ?? []
  const secrets = (schema: ConfigSchema) => JSON.stringify(pluginsOf(configs, schema).map(({ imagePullSecret }) => imagePullSecret ?? ''))
  if (secrets(schema) === secrets(asked)) return new Map()
  const [then, now] = [schemaOf(configs, schema).schema, schemaOf(configs, asked).schema]
  const message = `The facts were collected by the schema ${then}, and by the schema ${now} the nodes have other pull secrets.`
  const fault = new PreflightError('FACT_MISSING', message, { hint: `Collect again with --schema ${now}.` })
  return new Map([
    ['image', fault],
    ['pullSecret', fault],
  ])
}

/** Whether there is something of which a trusted root could say by whom it is. */
export const hasSignatures = ({ facts }: Collection): boolean =>
  facts.signature?.some(fact => fact.ok && fact.signatures.some(({ content }) => content !== undefined)) === true

/** Whether what says whom to trust can be used, before anything is reached. @throws PreflightError */
export const checkTrust = async ({ trust }: Settings): Promise<void> => {
  const policy = await readTrust(trust)
  if (trust.trustedRoot !== undefined || trust.refresh !== undefined) await withTrustedRoot(policy, trust, false)
}

/** Analyze → accept. Reaches files that the user gave, and no network. */
export const judge = async (collection: Collection, settings: Settings): Promise<Report> => {
  const [spec, trust] = await Promise.all([loadSpec(settings), readTrust(settings.trust)])
  const schema = settings.schema ?? collection.schema
  const plugins = pluginsIn(collection, schema)
  const { attestations, vulnerabilities } = settings.required
  const required = { ...trust, ...(attestations && { attestations }), ...(vulnerabilities && { vulnerabilities }) }
  const asked = analyzersOf(
    spec,
    settings,
    wantsAttestations(
      required,
      plugins.map(({ image }) => image),
    ),
    collection,
  )
  const judgesSignatures = plugins.length > 0 && asked.some(({ kind }) => factsFor(kind).includes('signature'))
  const policy = judgesSignatures ? await withTrustedRoot(required, settings.trust, hasSignatures(collection)) : required
  const { analyze } = await loadAnalysis()
  const report = analyze({
    collection,
    plugins,
    analyzers: analyzersWith(collection, plugins, asked),
    unfit: collection.facts.config?.length === 0 ? new Map([['config', noConfig(collection)]]) : unfitOf(collection, schema),
    policy,
    at: settings.at ?? new Date(collection.collectedAt),
    schema,
    platforms: settings.platforms ?? collection.platforms,
    ...(settings.veleroVersion === undefined ? {} : { veleroVersion: settings.veleroVersion }),
    ...(settings.upgrade.pullBytesPerSecond === undefined ? {} : { pullBytesPerSecond: settings.upgrade.pullBytesPerSecond }),
  })
  return accept(report, settings.accept, settings.at ?? settings.now)
}
