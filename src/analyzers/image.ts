import type { Plugin } from '../facts/fact.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement } from './analyzer.ts'
import { imageCodes } from './image/codes.ts'
import { imageFindings } from './image/findings.ts'

/** Whether a node can pull the image, for every platform that is needed. */
export const image: Analyzer<'image'> = {
  kind: 'image',
  title: 'Image',
  codes: imageCodes,
  values: {
    resolved: 'whether a node can pull the image on every required platform',
    found: 'whether anybody could read it: a node, anyone, or your own docker config',
    digest: 'what the reference points at; empty when it was not found',
    indexed: 'whether it is an index of several platforms',
    missingPlatforms: 'how many of the required platforms have no image that can be pulled',
    login:
      'with what it was read: anonymous, secret, node, license, dockerConfig, local (no registry was asked, or the air-gap bundle was read) or none',
  },
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
