import { schemaOf } from '../embedded-cluster/plugins.ts'
import type { Plugin } from '../facts/fact.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement } from './analyzer.ts'
import { pullSecretCheck } from './pull-secret/check.ts'
import { pullSecretFindings } from './pull-secret/findings.ts'

/** Whether the pull secret exists where kubelet looks, is well formed, covers the image, and is accepted by the registry. */
export const pullSecret: Analyzer<'pullSecret'> = {
  ...pullSecretCheck,
  analyze: input => {
    const namable = schemaOf(input.read('config'), input.schema).schema === 'proposal'
    return input.plugins.map(plugin => judge(input, plugin, namable))
  },
}

const judge = (input: AnalyzeInput, plugin: Plugin, namable: boolean): Judgement => {
  const fact = factsOf(input, 'pullSecret', plugin)[0]!
  const own = fact.ok ? fact.secrets.find(({ namedBy }) => namedBy === 'plugin') : undefined
  const attempts = fact.ok ? [...fact.attempts, ...fact.further] : []
  const anonymous = fact.ok ? fact.anonymous : undefined
  const refused = anonymous?.ok === false && (anonymous.code === 'REGISTRY_UNAUTHORIZED' || anonymous.code === 'REGISTRY_DENIED')
  return {
    plugin: plugin.plugin,
    findings: pullSecretFindings(plugin, fact, namable),
    values: {
      named: plugin.imagePullSecret !== undefined,
      given: fact.ok && fact.given,
      found: own?.from !== undefined,
      matching: own?.entries.filter(({ matches }) => matches).length ?? 0,
      accepted: attempts.some(
        ({ ok, credential }) => ok && credential.kind === 'secret' && credential.name === own?.name && credential.username !== '',
      ),
      needed: anonymous?.ok ? 'no' : refused ? 'yes' : 'unknown',
    },
  }
}
