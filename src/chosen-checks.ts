import { checks, commonCodes } from './checks.ts'
import type { ConfigFile } from './embedded-cluster/config.ts'
import { PreflightError } from './errors.ts'
import type { CheckKind, Collection } from './facts.ts'
import type { Settings, Vocabulary } from './settings.ts'
import { mergeSpecs, parseSpec, type Spec, type SpecAnalyzer, type SpecVocabulary } from './spec.ts'
import { readSpec } from './world/spec-files.ts'

const kinds = Object.keys(checks) as CheckKind[]

export const vocabulary: Vocabulary = {
  checks: kinds,
  codes: new Set([...kinds.flatMap(kind => Object.keys(checks[kind].codes)), ...Object.keys(commonCodes)]),
}

const specVocabulary = Object.fromEntries(kinds.map(kind => [kind, Object.keys(checks[kind].values)])) as unknown as SpecVocabulary

/** A spec, and the files of it that hold a Config too. */
export interface LoadedSpec extends Spec {
  readonly configs: readonly ConfigFile[]
}

/**
 * Those of the files together, a name being that of one that ships; without any, what ships for before an install, or for a bundle.
 * Read once a run: a file may be a pipe.
 */
export const loadSpec = ({ specs, fromBundle }: Pick<Settings, 'specs' | 'fromBundle'>): Promise<LoadedSpec> => {
  const found = loaded.get(specs) ?? readSpecs(specs.length > 0 ? specs : [fromBundle === undefined ? 'pre-install' : 'support-bundle'])
  loaded.set(specs, found)
  return found
}
const loaded = new WeakMap<readonly string[], Promise<LoadedSpec>>()

const readSpecs = async (files: readonly string[]): Promise<LoadedSpec> => {
  const read = await Promise.all(
    files.map(async file => {
      const { path, bytes } = await readSpec(file)
      return { file: path, bytes, spec: parseSpec(bytes, path, specVocabulary) }
    }),
  )
  const configs = read.filter(({ spec }) => spec.holdsConfig).map(({ file, bytes }) => ({ file, bytes, fromFolder: true }))
  return { ...mergeSpecs(read.map(({ spec }) => spec)), configs }
}

/** What flags require is checked whatever the spec says: a requirement that nobody looks at would be none. */
const requiredBy = ({ required, scanner, upgrade, serverStatus, airgapBundle, nodes }: Settings): readonly CheckKind[] => [
  ...(nodes === undefined ? [] : (['nodes'] as const)),
  ...(airgapBundle === undefined ? [] : (['airgap'] as const)),
  ...(upgrade.installed === undefined ? [] : (['upgrade'] as const)),
  ...(serverStatus ? (['velero'] as const) : []),
  ...(required.attestations === undefined ? [] : (['attestation'] as const)),
  ...(required.vulnerabilities === undefined && scanner === undefined ? [] : (['vulnerability'] as const)),
]

/** What a bundle brings into a run. */
export interface BundleChecks {
  /** Whether it tells of a cluster. */
  readonly hasCluster: boolean
  /** For which it was collected, by this program. */
  readonly collected: readonly CheckKind[]
}

/** What a cluster was asked and did not answer is told whatever else is checked. */
export const checksOf = (settings: Settings, spec: Spec, bundle?: BundleChecks): readonly CheckKind[] => {
  const { checks, specs } = settings
  const hasCluster = settings.cluster !== undefined || bundle?.hasCluster === true
  const ofSpec = spec.collectors.filter(({ exclude }) => !exclude).map(({ kind }) => kind)
  // Of a bundle of this program's own all is judged again that was collected.
  const own = specs.length > 0 ? [] : (bundle?.collected ?? [])
  const possible = own.length > 0 && !hasCluster ? ofSpec.filter(kind => kind === 'config') : ofSpec
  const asked = [...(checks ?? [...own, ...possible]), ...(hasCluster ? ['cluster'] : []), ...requiredBy(settings)]
  const without = hasCluster ? undefined : (['cluster', 'velero'] as const).find(check => asked.includes(check))
  if (without !== undefined)
    throw new PreflightError('USAGE', `The check ${without} needs a cluster.`, {
      hint: 'Add --from-cluster, or --bundle with a support bundle.',
    })
  if (settings.nodes === undefined && bundle?.collected.includes('nodes') !== true && asked.includes('nodes'))
    throw new PreflightError('USAGE', 'The check nodes needs the nodes of a cluster.', { hint: 'Add --from-cluster --nodes.' })
  if (!hasCluster && settings.upgrade.installed === undefined && asked.includes('upgrade'))
    throw new PreflightError('USAGE', 'The check upgrade needs something that is installed, to compare the Config with.', {
      hint: 'Add --from-cluster, or --installed with the Config that is installed.',
    })
  if (settings.airgapBundle === undefined && !own.includes('airgap') && asked.includes('airgap'))
    throw new PreflightError('USAGE', 'The check airgap needs an air-gap bundle.', { hint: 'Add --airgap-bundle FILE.' })
  return kinds.filter(kind => asked.includes(kind))
}

/**
 * What is judged: the spec's analyzers; without a spec those of the checks that were collected. Never nothing at all.
 * @throws PreflightError USAGE
 */
export const analyzersOf = (
  spec: Spec,
  settings: Settings,
  wantsAttestations: boolean,
  collection: Collection,
): readonly SpecAnalyzer[] => {
  const { specs, checks } = settings
  const named = spec.analyzers.filter(({ exclude }) => !exclude)
  const asked = checks ?? (specs.length > 0 ? kinds : collection.checks)
  // A spec may say how strict it is with a cluster; that a cluster was read is enough to be told of it.
  const required: readonly CheckKind[] = [
    ...(collection.facts.cluster === undefined ? [] : (['cluster'] as const)),
    ...(collection.facts.nodes === undefined ? [] : (['nodes'] as const)),
    ...(collection.facts.airgap === undefined ? [] : (['airgap'] as const)),
    ...requiredBy(settings),
    ...(asked.includes('signature') && wantsAttestations ? (['attestation'] as const) : []),
  ]
  // The spec that ships for before an install has none of these, so that nobody is told of them who did not ask.
  const others = ['attestation', 'vulnerability', 'upgrade', 'velero'] as const
  const optional = specs.length > 0 && checks === undefined ? [] : others.filter(kind => asked.includes(kind))
  const own = kinds.filter(kind => [...required, ...optional].includes(kind) && !named.some(one => one.kind === kind))
  const of = (kind: CheckKind): SpecAnalyzer => ({ kind, exclude: false, strict: false })
  const first = (kind: CheckKind) => kind === 'cluster' || kind === 'airgap'
  const made = [...own.filter(first).map(of), ...named, ...own.filter(kind => !first(kind)).map(of)]
  const without = checks?.find(check => !made.some(({ kind }) => kind === check))
  if (without !== undefined)
    throw new PreflightError('USAGE', `--checks ${without}: the spec makes no such check.`, {
      hint: 'Add it to the spec, or leave the spec out.',
    })
  const chosen = made.filter(({ kind }) => asked.includes(kind) || required.includes(kind))
  if (chosen.length === 0) throw new PreflightError('USAGE', 'Nothing would be checked: the spec excludes every check.')
  return chosen
}
