import type { Readable } from 'node:stream'
import { accept } from './accept.ts'
import { analyze, analyzers, commonCodes } from './analyze.ts'
import { collect, type ProgressEvent } from './collect.ts'
import { readConfigs } from './embedded-cluster/config.ts'
import { pluginsOf, schemaOf } from './embedded-cluster/plugins.ts'
import { PreflightError } from './errors.ts'
import type { ConfigFact } from './facts/config.ts'
import type { Plugin } from './facts/fact.ts'
import type { Collection, ConfigSchema, FactKind } from './facts.ts'
import type { Report } from './outcome.ts'
import { printable } from './redact.ts'
import { defaults } from './settings/defaults.ts'
import type { Settings, Vocabulary } from './settings.ts'
import { mergeSpecs, parseSpec, type Spec, type SpecAnalyzer, type SpecVocabulary } from './spec.ts'
import { suggest } from './suggest.ts'
import { readYamlFiles } from './world/files.ts'
import { readKeys } from './world/key-files.ts'
import type { LicenseOptions } from './world/license-file.ts'
import { liveWorld } from './world/live.ts'
import { readShippedSpec, readSpecFile } from './world/spec-files.ts'

const kinds = Object.keys(analyzers) as FactKind[]

export const vocabulary: Vocabulary = {
  checks: kinds,
  codes: new Set([...kinds.flatMap(kind => Object.keys(analyzers[kind].codes)), ...Object.keys(commonCodes)]),
}

const specVocabulary = Object.fromEntries(kinds.map(kind => [kind, Object.keys(analyzers[kind].values)])) as unknown as SpecVocabulary

/** What a live run is given beside its settings. */
export interface Live {
  readonly stdin: Readable
  /** Its reason is the PreflightError that the facts not yet had will carry. */
  readonly signal: AbortSignal
  readonly progress: (event: ProgressEvent) => void
  /** A line for each request (`--debug`). */
  readonly trace?: ((line: string) => void) | undefined
}

const loadSpec = async (files: readonly string[]): Promise<Spec> => {
  if (files.length === 0) return parseSpec(await readShippedSpec('pre-install'), 'specs/pre-install.yaml', specVocabulary)
  return mergeSpecs(await Promise.all(files.map(async file => parseSpec(await readSpecFile(file), file, specVocabulary))))
}

const chosen = (settings: Settings, spec: Spec): readonly FactKind[] => {
  const ofSpec = spec.collectors.filter(({ exclude }) => !exclude).map(({ kind }) => kind)
  return settings.checks ?? kinds.filter(kind => ofSpec.includes(kind))
}

/** Secrets that Velero's pod will have: what plugins name, and what an override of the built-in extension gives it. */
const podSecretsOf = (configs: readonly ConfigFact[], plugins: readonly Plugin[]): readonly string[] => [
  ...new Set([
    ...plugins.flatMap(({ imagePullSecret }) => (imagePullSecret === undefined ? [] : [imagePullSecret])),
    ...configs.flatMap(({ override }) => override?.imagePullSecrets ?? []),
  ]),
]

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

/** Nodes log in to Replicated's proxy by themselves from Embedded Cluster 3; those of 2 give Velero's pod no login. */
const licenseOf = ({ license, ecVersion }: Settings, configs: readonly ConfigFact[]): LicenseOptions | undefined => {
  if (license === undefined) return undefined
  const version = ecVersion ?? configs.map(config => config.version?.text).find(text => text !== undefined) ?? ''
  const onNodes = Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= 3
  return { file: license, domains: configs.flatMap(({ proxyRegistryDomain }) => proxyRegistryDomain?.text ?? []), onNodes }
}

/** Config → spec → collect. @throws PreflightError for what the user gave; what the world does wrong is in the collection */
export const gather = async (settings: Settings, { stdin, signal, progress, trace }: Live): Promise<Collection> => {
  if (settings.configs.length === 0) {
    throw new PreflightError('USAGE', 'Which Embedded Cluster Config? --config is missing.', {
      hint: 'Give --config FILE, a folder, or - for standard input.',
    })
  }
  // Before anything is reached: a spec or key that cannot be used should not cost a wait.
  const [spec, files] = await Promise.all([
    loadSpec(settings.specs),
    readYamlFiles(settings.configs, '--config', stdin),
    readKeys(settings.keys),
  ])
  const configs = readConfigs(files)
  const schema = settings.schema ?? defaults.schema
  const plugins = pluginsOf(configs, schema)
  const { images, secrets, dockerConfig, namespace, network, cache, now } = settings
  requireNamed(images.keys(), plugins)
  const world = await liveWorld({
    podSecrets: podSecretsOf(configs, plugins),
    images,
    secrets,
    dockerConfig,
    license: licenseOf(settings, configs),
    namespace,
    now,
    signal,
    trace,
    cache,
    ...network,
  })
  try {
    const platforms = settings.platforms ?? [defaults.platform]
    const { prove, signatureRepository } = settings
    const signatureSources = signatureRepository === undefined ? [] : [{ repository: signatureRepository }]
    const context = { configs, plugins, platforms, world, prove, signal, signatureSources }
    return await collect({ checks: chosen(settings, spec), schema, context, progress })
  } finally {
    await Promise.all([world.registry.close(), world.layerCache?.close()])
  }
}

export const pluginsIn = (collection: Collection, schema = collection.schema): readonly Plugin[] =>
  pluginsOf(collection.facts.config ?? [], schema)

/**
 * What is judged: the spec's analyzers; without a spec those of the checks that were collected. Never nothing at all.
 * @throws PreflightError USAGE
 */
const analyzersOf = (spec: Spec, { specs, checks }: Settings, collection: Collection): readonly SpecAnalyzer[] => {
  const made = spec.analyzers.filter(({ exclude }) => !exclude)
  const without = checks?.find(check => !made.some(({ kind }) => kind === check))
  if (without !== undefined)
    throw new PreflightError('USAGE', `--checks ${without}: the spec makes no such check.`, {
      hint: 'Add it to the spec, or leave the spec out.',
    })
  const wanted = checks ?? (specs.length > 0 ? kinds : collection.checks)
  const chosen = made.filter(({ kind }) => wanted.includes(kind))
  if (chosen.length === 0) throw new PreflightError('USAGE', 'Nothing would be checked: the spec excludes every check.')
  return chosen
}

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

/** Analyze → accept. Reaches files that the user gave, and no network. */
export const judge = async (collection: Collection, settings: Settings): Promise<Report> => {
  const [spec, keys] = await Promise.all([loadSpec(settings.specs), readKeys(settings.keys)])
  const schema = settings.schema ?? collection.schema
  const plugins = pluginsIn(collection, schema)
  const asked = analyzersOf(spec, settings, collection)
  const report = analyze({
    collection,
    plugins,
    // That there is no plugin is a result too: one pass, whatever was asked.
    analyzers: plugins.length === 0 ? [{ kind: 'config', exclude: false, strict: false }] : asked,
    unfit: unfitOf(collection, schema),
    policy: { keys, requireSignatures: settings.requireSignatures },
    at: settings.at ?? new Date(collection.collectedAt),
    schema,
    platforms: settings.platforms ?? collection.platforms,
    ...(settings.veleroVersion === undefined ? {} : { veleroVersion: settings.veleroVersion }),
  })
  return accept(report, settings.accept, settings.at ?? settings.now)
}
