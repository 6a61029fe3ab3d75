import { analyzers, commonCodes } from './analyze.ts'
import type { ConfigFile } from './embedded-cluster/config.ts'
import { PreflightError } from './errors.ts'
import type { CheckKind, Collection } from './facts.ts'
import type { Settings, Vocabulary } from './settings.ts'
import { mergeSpecs, parseSpec, type Spec, type SpecAnalyzer, type SpecVocabulary } from './spec.ts'
import { readShippedSpec, readSpecFile } from './world/spec-files.ts'

const kinds = Object.keys(analyzers) as CheckKind[]

export const vocabulary: Vocabulary = {
  checks: kinds,
  codes: new Set([...kinds.flatMap(kind => Object.keys(analyzers[kind].codes)), ...Object.keys(commonCodes)]),
}

const specVocabulary = Object.fromEntries(kinds.map(kind => [kind, Object.keys(analyzers[kind].values)])) as unknown as SpecVocabulary

/** A spec, and the files of it that hold a Config too. */
export interface LoadedSpec extends Spec {
  readonly configs: readonly ConfigFile[]
}

/** Those of the files together; without any, what ships for before an install. Read once a run: a file may be a pipe. */
export const loadSpec = (files: readonly string[]): Promise<LoadedSpec> => {
  const found = loaded.get(files) ?? readSpecs(files)
  loaded.set(files, found)
  return found
}
const loaded = new WeakMap<readonly string[], Promise<LoadedSpec>>()

const readSpecs = async (files: readonly string[]): Promise<LoadedSpec> => {
  if (files.length === 0)
    return { ...parseSpec(await readShippedSpec('pre-install'), 'specs/pre-install.yaml', specVocabulary), configs: [] }
  const read = await Promise.all(
    files.map(async file => {
      const bytes = await readSpecFile(file)
      return { file, bytes, spec: parseSpec(bytes, file, specVocabulary) }
    }),
  )
  const configs = read.filter(({ spec }) => spec.holdsConfig).map(({ file, bytes }) => ({ file, bytes, fromFolder: true }))
  return { ...mergeSpecs(read.map(({ spec }) => spec)), configs }
}

/** What flags require is checked whatever the spec says: a requirement that nobody looks at would be none. */
const requiredBy = ({ required, scanner }: Settings): readonly CheckKind[] => [
  ...(required.attestations === undefined ? [] : (['attestation'] as const)),
  ...(required.vulnerabilities === undefined && scanner === undefined ? [] : (['vulnerability'] as const)),
]

/** What a cluster was asked and did not answer is told whatever else is checked. */
export const checksOf = (settings: Settings, spec: Spec): readonly CheckKind[] => {
  const { checks, cluster } = settings
  const ofSpec = spec.collectors.filter(({ exclude }) => !exclude).map(({ kind }) => kind)
  const asked = [...(checks ?? ofSpec), ...(cluster === undefined ? [] : ['cluster']), ...requiredBy(settings)]
  if (cluster === undefined && asked.includes('cluster'))
    throw new PreflightError('USAGE', 'The check cluster needs a cluster.', { hint: 'Add --from-cluster.' })
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
    ...requiredBy(settings),
    ...(asked.includes('signature') && wantsAttestations ? (['attestation'] as const) : []),
  ]
  // No spec that ships has these two, so that nobody is told of them who did not ask.
  const optional =
    specs.length > 0 && checks === undefined ? [] : (['attestation', 'vulnerability'] as const).filter(kind => asked.includes(kind))
  const own = kinds.filter(kind => [...required, ...optional].includes(kind) && !named.some(one => one.kind === kind))
  const of = (kind: CheckKind): SpecAnalyzer => ({ kind, exclude: false, strict: false })
  const made = [...own.filter(kind => kind === 'cluster').map(of), ...named, ...own.filter(kind => kind !== 'cluster').map(of)]
  const without = checks?.find(check => !made.some(({ kind }) => kind === check))
  if (without !== undefined)
    throw new PreflightError('USAGE', `--checks ${without}: the spec makes no such check.`, {
      hint: 'Add it to the spec, or leave the spec out.',
    })
  const chosen = made.filter(({ kind }) => asked.includes(kind) || required.includes(kind))
  if (chosen.length === 0) throw new PreflightError('USAGE', 'Nothing would be checked: the spec excludes every check.')
  return chosen
}
