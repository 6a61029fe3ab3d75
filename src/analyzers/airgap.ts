import type { Plugin } from '../facts/fact.ts'
import { airgapCodes } from './airgap/codes.ts'
import { airgapFindings } from './airgap/findings.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement } from './analyzer.ts'

/** Whether a node without a network has the image, under the name that it looks for. */
export const airgap: Analyzer<'airgap'> = {
  kind: 'airgap',
  title: 'Air gap',
  codes: airgapCodes,
  values: {
    present: 'whether the image is among those that a node imports, under the name that it looks for',
    name: 'what the node looks for; empty when it is not known',
    digest: 'what the name points at; empty in a docker archive, or when there is none',
    elsewhere: 'whether it is in the bundle where no node gets it from',
    missingPlatforms: 'for how many of the required platforms it is not there whole',
    names: 'how many images can be imported from the bundle, by their names',
  },
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
