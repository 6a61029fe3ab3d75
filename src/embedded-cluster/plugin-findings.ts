import type { ConfigFact, ConfigPlugin } from '../facts/config.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { duplicateFindings } from './duplicate-findings.ts'
import { fieldFindings, policyFindings, secretFindings } from './field-findings.ts'
import { found, named, quoted } from './finding.ts'
import { imageFindings } from './image-findings.ts'
import { nameFindings } from './name-findings.ts'
import { imageOf, type KnownSchema } from './plugins.ts'

/** All that can be said of a plugin from the Config alone; a pass that says so when there is nothing to say. */
export const pluginFindings = (config: ConfigFact, schema: KnownSchema): readonly (readonly Finding[])[] => {
  const duplicates = duplicateFindings(config, schema)
  return config.plugins.map((plugin, index) => {
    const findings = [
      ...nameFindings(plugin, schema),
      ...imageFindings(config, plugin),
      ...duplicates.flatMap(([at, finding]) => (at === index ? [finding] : [])),
      ...policyFindings(plugin),
      ...secretFindings(plugin, schema),
      ...fieldFindings(plugin, schema),
    ]
    return findings.length > 0 ? findings : [fine(config, plugin)]
  })
}

const fine = (config: ConfigFact, plugin: ConfigPlugin): Finding => {
  const asked = imageOf(config, plugin)
  const source = config.proxyRegistryDomain?.text ? 'proxyRegistryDomain' : "the release's defaultDomains"
  const rewritten = asked === plugin.image?.text ? '' : `, asked for as ${printable(asked)} because of ${source}`
  return found('PLUGIN_OK', plugin.position, `${named(plugin)}: ${quoted(plugin.image?.text ?? '')} is a valid reference${rewritten}.`)
}
