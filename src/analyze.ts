import { whyNotMade } from './analyze/why-not-made.ts'
import { airgap } from './analyzers/airgap.ts'
import type { AnalyzeInput, Analyzer, Judgement } from './analyzers/analyzer.ts'
import { attestation } from './analyzers/attestation.ts'
import { binaries } from './analyzers/binaries.ts'
import { cluster } from './analyzers/cluster.ts'
import { config } from './analyzers/config.ts'
import { image } from './analyzers/image.ts'
import { nodes } from './analyzers/nodes.ts'
import { pullSecret } from './analyzers/pull-secret.ts'
import { signature } from './analyzers/signature.ts'
import { upgrade } from './analyzers/upgrade.ts'
import { velero } from './analyzers/velero.ts'
import { vulnerability } from './analyzers/vulnerability.ts'
import { commonCodes } from './checks.ts'
import { digestOf } from './digest.ts'
import { PreflightError } from './errors.ts'
import { type Failure, failure, type Plugin } from './facts/fact.ts'
import { type CheckKind, type Collection, type ConfigSchema, type FactKind, isPluginKind } from './facts.ts'
import { type Finding, type NotChecked, type Report, type Result, type RunError, withHint, worst } from './outcome.ts'
import type { SignaturePolicy } from './policy/policy.ts'
import { printable } from './redact.ts'
import { decide, type SpecAnalyzer } from './spec.ts'
import type { NotationTrust } from './trust/notation.ts'

/** Every analyzer; the compiler asks for the one that a new check lacks. */
export const analyzers: { readonly [K in CheckKind]: Analyzer<K> } = {
  config,
  cluster,
  airgap,
  image,
  pullSecret,
  nodes,
  binaries,
  signature,
  attestation,
  vulnerability,
  upgrade,
  velero,
}

export interface AnalyzeOptions {
  readonly collection: Collection
  readonly plugins: readonly Plugin[]
  /** The spec's, in its order. */
  readonly analyzers: readonly SpecAnalyzer[]
  readonly policy: SignaturePolicy<NotationTrust>
  readonly at: Date
  readonly schema: ConfigSchema
  readonly platforms: readonly string[]
  /** `--velero-version`, as far as it is known. */
  readonly veleroVersion?: string
  /** `--pull-rate`: how fast a node is taken to pull; absent: the default. */
  readonly pullBytesPerSecond?: number
  /** Facts that do not hold for what is asked now, and why: their checks fail. */
  readonly unfit?: ReadonlyMap<FactKind, PreflightError>
}

/** What analyzers are given of a collection. */
export const inputOf = ({ collection, unfit, ...given }: Omit<AnalyzeOptions, 'analyzers'>): AnalyzeInput => ({
  ...given,
  read: kind => {
    const fault = unfit?.get(kind)
    if (fault !== undefined) throw fault
    const items = collection.facts[kind]
    if (items === undefined) {
      throw new PreflightError('FACT_MISSING', `Nothing was collected for the check ${kind}.`, {
        hint: `Collect again with --checks ${kind}.`,
      })
    }
    return items
  },
  blob: digest => {
    const bytes = collection.blobs.get(digest)
    if (bytes === undefined)
      throw new PreflightError('FACT_MISSING', `The blob ${digest} is not in the bundle.`, { hint: 'Collect again.' })
    if (digestOf(bytes, digest) !== digest) {
      throw new PreflightError('FACT_ALTERED', `The blob ${digest} in the bundle was altered, by redaction or by hand.`, {
        hint: 'Analyze the bundle as it was written, or collect again.',
      })
    }
    return bytes
  },
})

/** Pure: the same collection, spec, policy and time give the same report. */
export const analyze = (options: AnalyzeOptions): Report => {
  const { analyzers: _, ...given } = options
  const input = inputOf(given)
  const made = options.analyzers
    .filter(({ exclude }) => !exclude)
    .flatMap(spec => judge(spec, input).map(judgement => resultOf(spec, judgement)))
  const explained = made.map(result => [result, whyNotMade(result, made, options.collection)] as const)
  const stopped = explained.find(([, why]) => why?.stopped !== undefined)?.[1]?.stopped
  return {
    results: explained.flatMap(([result, why]) => (why === undefined ? [result] : [])),
    notChecked: explained.flatMap(([{ check, plugin }, why]): NotChecked[] =>
      why === undefined ? [] : [{ check, ...(plugin === undefined ? {} : { plugin }), why: why.text }],
    ),
    // What a run had not come to is no pass of the bundle that it left either.
    ...(stopped === undefined ? {} : { error: errorOf(stopped) }),
  }
}

const errorOf = ({ code, message, hint }: Failure): RunError => ({ code, message, ...(hint === undefined ? {} : { hint }) })

const failed = (plugin: Plugin | undefined, error: unknown): Judgement => {
  const fault = failure(error)
  const subject = plugin === undefined ? '' : `${printable(plugin.plugin)}: `
  const finding: Finding = { status: 'fail', code: fault.code, message: `${subject}${withHint(fault)}` }
  return { ...(plugin === undefined ? {} : { plugin: plugin.plugin }), findings: [finding], values: {} }
}

/** A judgement for every plugin, whatever the analyzer did: one that died, or forgot a plugin, is a fail. */
const judge = ({ kind }: SpecAnalyzer, input: AnalyzeInput): readonly Judgement[] => {
  try {
    const judgements = analyzers[kind].analyze(input)
    const forgotten = input.plugins.filter(({ plugin }) => isPluginKind(kind) && !judgements.some(judgement => judgement.plugin === plugin))
    const missing = new PreflightError('FACT_MISSING', `The check ${kind} has no facts about this plugin.`, { hint: 'Collect again.' })
    return [...judgements, ...forgotten.map(plugin => failed(plugin, missing))]
  } catch (error) {
    return !isPluginKind(kind) || input.plugins.length === 0 ? [failed(undefined, error)] : judgeSound(kind, input, error)
  }
}

/** Without the plugins whose facts no analyzer can make anything of: they fail alone, and the others are judged as if they were not there. */
const judgeSound = (kind: CheckKind, input: AnalyzeInput, error: unknown): readonly Judgement[] => {
  const alone = input.plugins.map(plugin => ({ plugin, fault: faultOf(() => analyzers[kind].analyze({ ...input, plugins: [plugin] })) }))
  const sound = alone.flatMap(({ plugin, fault }) => (fault === undefined ? [plugin] : []))
  if (sound.length === 0 || sound.length === alone.length) return alone.map(({ plugin, fault }) => failed(plugin, fault ?? error))
  const judged = judge({ kind, exclude: false, strict: false }, { ...input, plugins: sound })
  return alone.flatMap(({ plugin, fault }) =>
    fault === undefined ? judged.filter(judgement => judgement.plugin === plugin.plugin) : [failed(plugin, fault)],
  )
}

const faultOf = (act: () => unknown): unknown => {
  try {
    act()
    return undefined
  } catch (error) {
    return error ?? new Error('nothing is known of why')
  }
}

const resultOf = (spec: SpecAnalyzer, { plugin, findings: found, values }: Judgement): Result => {
  const name = printable(plugin ?? '')
  const nothing: Finding = {
    status: 'fail',
    code: 'INTERNAL',
    message: `${name || spec.kind}: the check ${spec.kind} found nothing at all.`,
  }
  const findings = found.length === 0 ? [nothing] : found
  const status = worst(findings.map(finding => finding.status))
  const first = findings.find(finding => finding.status === status) ?? nothing
  // A spec's outcomes are about what was judged: where nothing was, they could only make a pass of it.
  const unjudged = status === 'fail' && first.code in commonCodes
  const outcomes = unjudged ? undefined : spec.outcomes
  const decided = unjudged
    ? undefined
    : decide(spec, { ...values, status, code: first.code, message: first.message, check: spec.kind, plugin: name })
  const own = {
    title: `${spec.checkName ?? analyzers[spec.kind].title}${plugin === undefined ? '' : `: ${plugin}`}`,
    check: spec.kind,
    ...(plugin === undefined ? {} : { plugin }),
  }
  const strict = spec.strict ? { strict: true } : {}
  if (decided === undefined && outcomes !== undefined) {
    return {
      ...own,
      ...strict,
      status: 'fail',
      code: 'OUTCOME_UNMATCHED',
      message: `${name || spec.kind}: no outcome of the spec matched. Last was: ${first.message}`,
      findings,
    }
  }
  if (decided === undefined) return { ...own, ...strict, status, code: first.code, message: first.message, findings }
  const { uri } = decided
  return {
    ...own,
    ...strict,
    status: decided.status,
    code: first.code,
    message: decided.message,
    ...(uri === undefined ? {} : { uri }),
    findings,
  }
}
