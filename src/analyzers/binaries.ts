import type { BinariesFact } from '../facts/binaries.ts'
import type { Plugin } from '../facts/fact.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement, reason } from './analyzer.ts'
import { binariesCheck } from './binaries/check.ts'
import { clashRemarks, type Landed } from './binaries/clashes.ts'
import { copyRemarks } from './binaries/copy-remarks.ts'
import { fileRemarks } from './binaries/file-remarks.ts'
import { declaredRemarks, layerRemarks } from './binaries/layer-remarks.ts'
import { findingsOf, type Remark, remark, type Seen, shortened } from './binaries/remark.ts'
import { cacheLines, fileLine, unreadWords } from './binaries/words.ts'

/** Whether each image copies plugins that Velero can start, on every platform that is needed. */
export const binaries: Analyzer<'binaries'> = {
  ...binariesCheck,
  analyze(input) {
    const clashes = input.platforms.map(platform => clashRemarks(landedOn(input, platform)))
    return input.plugins.map(plugin => judge(input, plugin, clashes))
  },
}

/** All plugins' facts of one platform, in the order of their init containers. */
const landedOn = (input: AnalyzeInput, platform: string): readonly Landed[] =>
  input.plugins.flatMap(plugin => {
    const fact = factOf(input, plugin, platform)
    return fact.ok ? [{ plugin: printable(plugin.plugin), fact }] : []
  })

const factOf = (input: AnalyzeInput, plugin: Plugin, platform: string): BinariesFact =>
  factsOf(input, 'binaries', plugin).find(fact => fact.platform === platform) ?? {
    plugin: plugin.plugin,
    image: plugin.image,
    platform,
    ok: false,
    code: 'FACT_MISSING',
    message: 'Nothing was collected for this platform.',
    hint: `Collect again with --platform ${platform}.`,
  }

const judge = (input: AnalyzeInput, plugin: Plugin, clashes: readonly ReadonlyMap<string, readonly Remark[]>[]): Judgement => {
  const name = printable(plugin.plugin)
  const facts = input.platforms.map(platform => factOf(input, plugin, platform))
  const remarks = facts.map((fact, index) => ({
    platform: fact.platform,
    remarks: fact.ok ? remarksOf(fact, input, clashes[index]?.get(name) ?? []) : [unreadable(fact)],
  }))
  const faults = findingsOf(name, remarks)
  const seen = facts.filter(fact => fact.ok)
  const findings = faults.some(({ status }) => status === 'fail') ? faults : [...faults, ...passes(name, seen)]
  return { plugin: plugin.plugin, findings, values: valuesOf(facts, seen) }
}

const remarksOf = (fact: Seen, { veleroVersion }: AnalyzeInput, clashes: readonly Remark[]): readonly Remark[] => {
  const copy = copyRemarks(fact, fact.platform)
  const all = [...copy, ...fileRemarks(fact, fact.platform, veleroVersion), ...clashes, ...layerRemarks(fact), ...declaredRemarks(fact)]
  return copy.some(({ code }) => code === 'BINARIES_TOO_MANY') ? copy : shortened(all)
}

const layerCodes = ['LAYER_CORRUPT', 'LAYER_DIFF_ID', 'LAYER_TOO_LARGE', 'LAYER_UNSUPPORTED'] as const

const unreadable = (fact: Extract<BinariesFact, { ok: false }>): Remark => {
  const layer = layerCodes.find(code => code === fact.code)
  const image = printable(fact.image)
  return layer === undefined
    ? remark('BINARIES_UNREADABLE', `the files of ${image} could not be read. ${reason(fact)}`)
    : remark(layer, `no node can unpack ${image}. ${reason(fact)}`)
}

/** Said beside warns too: what was seen, and is right. */
const passes = (plugin: string, seen: readonly Seen[]): readonly Finding[] =>
  findingsOf(
    plugin,
    seen.map(fact => {
      const started = fact.files.filter(({ runs }) => runs)
      const list = started.slice(0, 5).map(({ path }) => printable(path, 100))
      const more = started.length > list.length ? ` and ${started.length - list.length} more` : ''
      const text =
        fact.filesFrom === 'image'
          ? `the layers of the image could be read; in its /plugins stand ${list.join(', ') || 'no executable files'}${more}.`
          : `the image copies ${list.join(', ')}${more} to Velero's plugins, and it can be started there.`
      return {
        platform: fact.platform,
        remarks: [remark('BINARIES_OK', text + unreadWords(fact), [...fact.files.slice(0, 20).map(fileLine), ...cacheLines(fact.layers)])],
      }
    }),
  )

const valuesOf = (facts: readonly BinariesFact[], seen: readonly Seen[]): Judgement['values'] => {
  const first = seen.flatMap(({ files }) => files).find(({ runs, file }) => runs && file?.go?.framework !== undefined)
  return {
    read: seen.length === facts.length && seen.every(({ proven }) => proven !== 'declared'),
    declared: seen.some(({ proven }) => proven === 'declared'),
    copied: seen.length === facts.length && seen.every(({ copy }) => copy.state === 'done'),
    plugins: Math.min(...facts.map(fact => (fact.ok ? fact.files.filter(({ runs }) => runs).length : 0))),
    framework: first?.file?.go?.framework?.version ?? '',
    layersBytes: Math.max(0, ...seen.map(({ layers }) => layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))),
  }
}
