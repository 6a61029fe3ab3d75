import type { ConfigFact } from '../facts/config.ts'
import type { Finding } from '../outcome.ts'
import { found, quoted } from './finding.ts'

const field = 'spec.extensions.velero.pluginsEnabled'

/** What the stage of the feature makes of a Config (`--stage`). */
export const gateFindings = (config: ConfigFact): readonly Finding[] => [...switchFindings(config), ...offFindings(config)]

const switchFindings = ({ pluginsEnabled, gate }: ConfigFact): readonly Finding[] => {
  if (pluginsEnabled === undefined) return []
  const { position, text } = pluginsEnabled
  if (gate?.stage !== 'beta') {
    const why = gate === undefined ? 'Embedded Cluster uses plugins always' : 'in alpha the environment alone switches plugins on'
    const what = `${field} ${quoted(text)} switches nothing: ${why}. Remove it; to go without a plugin, remove the plugin.`
    return [found('CONFIG_PLUGINS_SWITCH', position, what)]
  }
  if (['true', 'false'].includes(text)) return []
  return [
    found('CONFIG_PLUGINS_SWITCH_INVALID', position, `${field} must be true or false, not ${quoted(text)}; the plugins are taken as on.`),
  ]
}

const offFindings = ({ gate, pluginsEnabled, position }: ConfigFact): readonly Finding[] => {
  if (gate?.off === undefined) return []
  const plugins = `${gate.off} ${gate.off === 1 ? 'plugin' : 'plugins'}`
  if (gate.stage === 'beta')
    return [
      found(
        'CONFIG_PLUGINS_OFF',
        pluginsEnabled?.position ?? position,
        `${field} is false: ${plugins} of the Config left out, nothing to check.`,
      ),
    ]
  if (gate.off === 0) return []
  const what = `with --stage alpha Embedded Cluster ignores ${plugins} of the Config, and none was checked: VELERO_PLUGINS_ENABLED is not "true" in the environment. Set it, or remove the plugins.`
  return [found('CONFIG_PLUGINS_IGNORED', position, what)]
}
