import { type Acceptance, parseAcceptance } from './accept.ts'
import type { CheckKind, ConfigSchema } from './facts.ts'
import { formatPlatform, parsePlatform } from './oci/platform.ts'
import type { LocalReference } from './oci/transport.ts'
import { type ReportFormat, reportFormats } from './reporters/formats.ts'
import { type AttestationSettings, attestationsOf } from './settings/attestations.ts'
import { bundlesOf } from './settings/bundles.ts'
import { type ClusterSettings, clusterOf, serverStatusOf } from './settings/cluster.ts'
import { defaults } from './settings/defaults.ts'
import { durationOf, list, usage } from './settings/flag-text.ts'
import type { Flags } from './settings/flags.ts'
import { airgapBundleOf, imagesOf } from './settings/images.ts'
import { type NetworkSettings, networkOf } from './settings/network.ts'
import { type NodesSettings, nodesOf } from './settings/nodes.ts'
import { type ScannerSettings, scannerOf } from './settings/scanner.ts'
import { signatureRepositoryOf } from './settings/signature-repository.ts'
import { type Stage, stages } from './settings/stage.ts'
import { type TrustSettings, trustOf } from './settings/trust.ts'
import { type UpgradeSettings, upgradeOf } from './settings/upgrade.ts'
import { veleroOf } from './velero/ec-versions.ts'

export type { Flags } from './settings/flags.ts'

/** Flags, environment and defaults, resolved once; nothing below reads any of the three again. */
export interface Settings {
  /** Files, folders, or `-` for standard input. */
  readonly configs: readonly string[]
  /** A Config itself, of the environment. */
  readonly configText: string | undefined
  /** `--image`: by plugin, the folder or archive to read instead of its image. */
  readonly images: ReadonlyMap<string, LocalReference>
  readonly airgapBundle: string | undefined // undefined: nodes have a network
  /** Undefined: as the collection was made, else `auto`. */
  readonly schema: ConfigSchema | undefined
  /** `--stage`, and whether the environment switches plugins on in alpha. */
  readonly stage: { readonly stage: Stage; readonly enabledByEnvironment: boolean }
  readonly specs: readonly string[]
  /** Undefined when no `--secrets` was given, which is not the same as an empty folder. */
  readonly secrets: readonly string[] | undefined
  readonly dockerConfig: string | undefined
  /** A customer's licence. */
  readonly license: string | undefined
  readonly namespace: string
  /** Undefined: no cluster is read. */
  readonly cluster: ClusterSettings | undefined
  /** Velero's server is asked itself, which creates an object and removes it again. */
  readonly serverStatus: boolean
  /** `--nodes`: every node makes the checks itself. */
  readonly nodes: NodesSettings | undefined
  /** What an upgrade is compared with, beside the cluster. */
  readonly upgrade: UpgradeSettings
  readonly trust: TrustSettings
  /** What must be attested, and how many vulnerabilities are taken. */
  readonly required: AttestationSettings
  /** Undefined: no scanner is run. */
  readonly scanner: ScannerSettings | undefined
  /** `registry/repository` in which signatures are kept besides (COSIGN_REPOSITORY). */
  readonly signatureRepository: string | undefined
  /** Undefined: those of the spec. */
  readonly checks: readonly CheckKind[] | undefined
  /** Undefined: as the collection was made, else those of the cluster's nodes, else linux/amd64. */
  readonly platforms: readonly string[] | undefined
  readonly format: ReportFormat
  readonly output: string | undefined
  /** For node_exporter's textfile collector. */
  readonly metricsFile: string | undefined
  /** Whether one is written. */
  readonly bundle: boolean
  /** `--bundle`: what is read in the place of a cluster, or judged again. */
  readonly fromBundle: string | undefined
  /** `--into`: to which bundle the facts are added. */
  readonly into: string | undefined
  readonly timeoutMs: number
  readonly accept: readonly Acceptance[]
  readonly quiet: boolean
  readonly verbose: boolean
  readonly debug: boolean
  readonly network: NetworkSettings
  /** Undefined: nothing is remembered between runs. */
  readonly cache: CacheSettings | undefined
  /** Layers are read that cannot change the answer too. */
  readonly prove: boolean
  readonly veleroVersion: string | undefined
  /** As given. */
  readonly ecVersion: string | undefined
  /** The time to judge for; undefined: that of the collection. */
  readonly at: Date | undefined
  readonly now: Date
}

export interface CacheSettings {
  readonly folder: string
  /** Named by the user, so that it is an error when it cannot be used. */
  readonly required: boolean
}

export interface Vocabulary {
  readonly checks: readonly CheckKind[]
  /** Every finding's code, for `--accept`. */
  readonly codes: ReadonlySet<string>
}

export type Environment = Readonly<Record<string, string | undefined>>

const oneOf = <T extends string>(flag: string, value: string, allowed: readonly T[]): T => {
  const found = allowed.find(one => one === value)
  if (found === undefined) throw usage(`${flag} ${value}: it is one of ${allowed.join(', ')}.`)
  return found
}

const checksOf = ({ checks }: Flags, { checks: all }: Vocabulary): readonly CheckKind[] | undefined => {
  if (checks === undefined) return undefined
  const asked = list(checks).map(check => oneOf('--checks', check, all))
  if (asked.length === 0) throw usage('--checks names no check.', `It takes any of ${all.join(', ')}.`)
  return all.filter(check => asked.includes(check))
}

const platformsOf = ({ platform }: Flags): readonly string[] | undefined => {
  if (platform === undefined) return undefined
  const asked = list(platform).map(text => formatPlatform(parsePlatform(text)))
  if (asked.length === 0) throw usage('--platform names no platform.')
  return [...new Set(asked)]
}

const veleroVersionOf = ({ veleroVersion, ecVersion }: Flags): string | undefined => {
  if (veleroVersion === undefined) return ecVersion === undefined ? undefined : veleroOf(ecVersion)
  if (!/^v?\d+\.\d+(?:\.\d+)?(?:[-+].*)?$/.test(veleroVersion))
    throw usage(`--velero-version ${veleroVersion}: it is a version such as 1.18.2.`)
  return veleroVersion.replace(/^v/, '')
}

const atOf = ({ at }: Flags): Date | undefined => {
  if (at === undefined) return undefined
  const time = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(at) ? new Date(at) : new Date(Number.NaN)
  if (Number.isNaN(time.getTime())) throw usage(`--at ${at}: it is a time such as 2026-11-23T10:00:00Z, or a date.`)
  return time
}

/** For runners that pass no flags: VELERO_PLUGIN_PREFLIGHT_CONFIG is a path as `--config` takes it or, in several lines, the Config itself. */
const configsOf = ({ config }: Flags, env: Environment): Pick<Settings, 'configs' | 'configText'> => {
  const { VELERO_PLUGIN_PREFLIGHT_CONFIG: given = '' } = env
  if (config !== undefined || given === '') return { configs: config ?? [], configText: undefined }
  return given.includes('\n') ? { configs: [], configText: given } : { configs: [given], configText: undefined }
}

/** XDG Base Directory 0.8: a relative path counts as none. */
const cacheOf = ({ cache, cacheDir }: Flags, env: Environment): CacheSettings | undefined => {
  if (cache === false) return undefined
  if (cacheDir === '') throw usage('--cache-dir names no folder.')
  if (cacheDir !== undefined) return { folder: cacheDir, required: true }
  const { XDG_CACHE_HOME: own = '', HOME: home = '' } = env
  const base = own.startsWith('/') ? own : home.startsWith('/') ? `${home}/.cache` : undefined
  return base === undefined ? undefined : { folder: `${base}/velero-plugin-preflight`, required: false }
}

/** `-` is standard output, as it is standard input for `--config`. */
const outputOf = ({ output }: Flags): string | undefined => {
  if (output === '') throw usage('--output names no file.')
  return output === '-' ? undefined : output
}

const metricsFileOf = ({ metricsFile }: Flags): string | undefined => {
  if (metricsFile === '' || metricsFile === '-') throw usage('--metrics-file names no file.')
  return metricsFile
}

/** A DNS label (RFC 1123), as the API server wants it. */
export const namespaceOf = ({ namespace = defaults.namespace }: Pick<Flags, 'namespace'>): string => {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) return namespace
  throw usage(`--namespace ${namespace}: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends.`)
}

/** @throws PreflightError USAGE */
export const resolveSettings = (flags: Flags, specs: readonly string[], env: Environment, now: Date, vocabulary: Vocabulary): Settings => ({
  ...configsOf(flags, env),
  images: imagesOf(flags.image),
  airgapBundle: airgapBundleOf(flags),
  schema: flags.schema === undefined ? undefined : oneOf<ConfigSchema>('--schema', flags.schema, ['auto', 'embedded-cluster', 'proposal']),
  stage: { stage: oneOf('--stage', flags.stage ?? defaults.stage, stages), enabledByEnvironment: env.VELERO_PLUGINS_ENABLED === 'true' },
  specs,
  secrets: flags.secrets,
  dockerConfig: flags.dockerConfig,
  license: flags.license,
  namespace: namespaceOf(flags),
  cluster: clusterOf(flags, env),
  serverStatus: serverStatusOf(flags),
  nodes: nodesOf(flags),
  upgrade: upgradeOf(flags),
  trust: trustOf(flags, env),
  required: attestationsOf(flags),
  scanner: scannerOf(flags, env),
  signatureRepository: signatureRepositoryOf(env),
  checks: checksOf(flags, vocabulary),
  platforms: platformsOf(flags),
  format: oneOf('--format', flags.format ?? defaults.format, reportFormats),
  output: outputOf(flags),
  metricsFile: metricsFileOf(flags),
  bundle: flags.bundle ?? true,
  ...bundlesOf(flags),
  timeoutMs: durationOf('--timeout', flags.timeout ?? defaults.timeout),
  accept: (flags.accept ?? []).map(text => parseAcceptance(text, vocabulary.codes)),
  quiet: flags.quiet ?? false,
  verbose: flags.verbose ?? false,
  debug: flags.debug ?? false,
  network: networkOf(flags, env),
  cache: cacheOf(flags, env),
  prove: flags.prove ?? false,
  veleroVersion: veleroVersionOf(flags),
  ecVersion: flags.ecVersion,
  at: atOf(flags),
  now,
})
