import { configFindings } from '../embedded-cluster/config-findings.ts'
import { pluginFindings } from '../embedded-cluster/plugin-findings.ts'
import { imageOf, schemaOf } from '../embedded-cluster/plugins.ts'
import type { Finding } from '../outcome.ts'
import type { AnalyzeInput, Analyzer, Judgement } from './analyzer.ts'
import { configCheck } from './config/check.ts'

const count = (findings: readonly Finding[], status: Finding['status']): number =>
  findings.filter(finding => finding.status === status).length

/** One judgement for the Config as a whole, then one for each plugin. */
export const config: Analyzer<'config'> = {
  ...configCheck,
  analyze: ({ read, schema: asked }: AnalyzeInput): readonly Judgement[] => {
    const configs = read('config')
    const { schema } = schemaOf(configs, asked)
    const common = { plugins: configs.flatMap(({ plugins }) => plugins).length, configs: configs.length, schema }
    const valuesOf = (findings: readonly Finding[], image: string) => ({
      fails: count(findings, 'fail'),
      warns: count(findings, 'warn'),
      ...common,
      image,
    })
    const whole = configFindings(configs, asked)
    const ofPlugins = configs.flatMap(config => {
      const found = pluginFindings(config, schema)
      return config.plugins.map((plugin, index): Judgement => {
        const findings = found[index] ?? []
        return { plugin: plugin.plugin, findings, values: valuesOf(findings, imageOf(config, plugin)) }
      })
    })
    return [{ findings: whole, values: valuesOf(whole, '') }, ...ofPlugins]
  },
}
