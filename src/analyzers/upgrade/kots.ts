import { ownPlugin } from '../../embedded-cluster/plugins.ts'
import type { ConfigFact } from '../../facts/config.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import type { AnalyzeInput } from '../analyzer.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'
import { nameList } from './words.ts'

/** Of 3 and later there is no admin console that upgrades it. */
const hasConsole = ({ version }: ConfigFact): boolean => !/^v?[3-9]\./.test(version?.text ?? '')

/**
 * KOTS up to 1.131 decodes Configs by a schema whose extensions have `helm` alone: what the new Installation gets is the Config
 * without `extensions.velero`, and Configs that differ in nothing else are equal to it (kotskinds and embedded-cluster/kinds that
 * KOTS 1.131 pins).
 */
export const consoleFindings = ({ configs, installed, cluster }: Situation, input: AnalyzeInput): readonly Finding[] => {
  const survives = configs.flatMap(config => config.override?.initContainers ?? []).map(({ name }) => name)
  const dropped = input.plugins.map(({ plugin }) => plugin).filter(name => !survives.includes(name))
  const isInstalled = installed.ok || cluster?.installation !== undefined
  if (dropped.length === 0 || !isInstalled || !configs.some(hasConsole)) return []
  const [was, is] = [installed.ok ? installed.config.version?.text : undefined, configs[0]?.version?.text]
  const same = was !== undefined && was === is ? ' Since spec.version is the same, it may even see nothing to upgrade.' : ''
  return [
    ...consoleDropped(installed, dropped),
    finding(
      'UPGRADE_CONSOLE_DROPS',
      `an upgrade by the admin console (KOTS up to 1.131) drops spec.extensions.velero: Velero would run without ${nameList(dropped)}.${same} What it keeps is an override: initContainers of the built-in extension velero under unsupportedOverrides, with the complete list, ${ownPlugin} too. After the upgrade, run this check again without --config.`,
    ),
  ]
}

const consoleDropped = (installed: Situation['installed'], wanted: readonly string[]): readonly Finding[] => {
  if (!installed.ok || installed.earlier === undefined) return []
  const { installation, plugins } = installed.earlier
  const there = installed.config.plugins.map(({ plugin }) => plugin)
  const gone = plugins.map(({ name }) => name).filter(name => !there.includes(name) && wanted.includes(name))
  if (gone.length === 0) return []
  return [
    finding(
      'UPGRADE_CONSOLE_DROPPED',
      `the Installation ${printable(installation, 80)} had ${nameList(gone)}, and the current one, ${printable(installed.installation ?? '', 80)}, has not: an upgrade has dropped ${gone.length === 1 ? 'it' : 'them'}, and backups since then were made without. See that this upgrade brings ${gone.length === 1 ? 'it' : 'them'} back.`,
    ),
  ]
}
