import type { Plugin } from '../facts/fact.ts'
import { airgapCheck } from './airgap/check.ts'
import { airgapFindings } from './airgap/findings.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement } from './analyzer.ts'

/** Whether a node without a network has the image, under the name that it looks for. */
export const airgap: Analyzer<'airgap'> = {
  ...airgapCheck,
  analyze: input => input.plugins.map(plugin => judge(input, plugin)),
}

const judge = (input: AnalyzeInput, plugin: Plugin): Judgement => {
  const fact = factsOf(input, 'airgap', plugin)[0]!
  const found = fact.ok ? fact.found : undefined
  const whole = found?.platforms.filter(one => one.ok && one.missing.length === 0).map(({ platform }) => platform) ?? []
  return {
    plugin: plugin.plugin,
    findings: airgapFindings(plugin, fact, input.platforms),
    values: {
      present: found !== undefined,
      name: fact.ok ? fact.name : '',
      digest: found?.digest ?? '',
      elsewhere: fact.ok && fact.elsewhere.length > 0,
      missingPlatforms: input.platforms.filter(platform => !whole.includes(platform)).length,
      names: fact.ok ? fact.bundle.archives.reduce((sum, { names }) => sum + names, 0) : 0,
    },
  }
}
