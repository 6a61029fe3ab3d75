import type { Plugin } from '../facts/fact.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement } from './analyzer.ts'
import { imageCheck } from './image/check.ts'
import { imageFindings } from './image/findings.ts'

/** Whether a node can pull the image, for every platform that is needed. */
export const image: Analyzer<'image'> = {
  ...imageCheck,
  analyze: input => input.plugins.map(plugin => judge(input, plugin)),
}

const judge = (input: AnalyzeInput, plugin: Plugin): Judgement => {
  const fact = factsOf(input, 'image', plugin)[0]!
  const findings = imageFindings(plugin, fact, input.platforms)
  const missing = fact.ok
    ? input.platforms.filter(platform => !fact.required.some(one => one.platform === platform && one.ok))
    : input.platforms
  return {
    plugin: plugin.plugin,
    findings,
    values: {
      resolved: findings.some(({ code }) => code === 'IMAGE_RESOLVED' || code === 'IMAGE_IN_BUNDLE') && fact.attempts.some(({ ok }) => ok),
      found: fact.ok,
      digest: fact.ok ? fact.digest : '',
      indexed: fact.ok && fact.kind === 'index',
      missingPlatforms: missing.length,
      login: fact.ok ? fact.credential.kind : 'none',
    },
  }
}
