import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Failure, Plugin } from '../facts/fact.ts'
import type { FactKind, Facts } from '../facts.ts'
import type { CodeDoc, Finding } from '../outcome.ts'
import type { SignaturePolicy } from '../policy/policy.ts'

/** What an analyzer is given: facts, and the user's trust and policy. It is synchronous, so it cannot reach the network. */
export interface AnalyzeInput {
  readonly plugins: readonly Plugin[]
  readonly platforms: readonly string[]
  /** `embedded-cluster`, `proposal` or `auto` (design.md 4, Config). */
  readonly schema: 'embedded-cluster' | 'proposal' | 'auto'
  readonly policy: SignaturePolicy
  /** The time for which is judged: that of the collection, or `--at`. */
  readonly at: Date
  /** @throws PreflightError FACT_MISSING when nothing of this kind was collected */
  read<K extends FactKind>(kind: K): readonly Facts[K][]
  /** @throws PreflightError FACT_MISSING, FACT_ALTERED */
  blob(digest: Digest): Uint8Array
}

/** What is found of one plugin (or of the whole Config, without `plugin`), and the values that a spec's `when` may compare. */
export interface Judgement {
  readonly plugin?: string
  /** Never empty: what needs no word is a pass finding that says what was seen. */
  readonly findings: readonly Finding[]
  readonly values: Readonly<Record<string, string | number | boolean>>
}

export interface Analyzer<K extends FactKind = FactKind> {
  /** The check: also the fact, the file and the spec key. */
  readonly kind: K
  /** Title of its results, without the plugin: `Image`, `Pull secret`. */
  readonly title: string
  /** Every code that it can give. */
  readonly codes: Readonly<Record<string, CodeDoc>>
  /** Every value that `when` may compare, with its meaning. */
  readonly values: Readonly<Record<string, string>>
  analyze(input: AnalyzeInput): readonly Judgement[]
}

/** The items of `kind` for this plugin. @throws PreflightError FACT_MISSING when there is none: a missing fact is never a pass */
export const factsOf = <K extends Exclude<FactKind, 'config'>>(input: AnalyzeInput, kind: K, plugin: Plugin): readonly Facts[K][] => {
  const items = input.read(kind).filter(item => item.plugin === plugin.plugin)
  if (items.length === 0) throw new PreflightError('FACT_MISSING', `Nothing was collected of ${kind} for plugin ${plugin.plugin}.`)
  return items
}

/** The words of a failed fact, for a finding's message. */
export const reason = ({ message, hint }: Failure): string => (hint === undefined ? message : `${message} ${hint}`)
