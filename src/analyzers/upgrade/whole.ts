import { ownPlugin } from '../../embedded-cluster/plugins.ts'
import { PreflightError } from '../../errors.ts'
import type { ConfigFact } from '../../facts/config.ts'
import type { Failure } from '../../facts/fact.ts'
import type { ContainerFact } from '../../kubernetes/objects.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type AnalyzeInput, reason } from '../analyzer.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'

const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 10).map(name => printable(name, 80))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}

/** With what was compared, and what of it could not be had. */
export const sourceFindings = (situation: Situation): readonly Finding[] => {
  const { installed, cluster, running, runningUnread } = situation
  const unread = (what: string, why: Failure) => finding('UPGRADE_UNREAD', `the new Config was not compared with ${what}: ${reason(why)}`)
  const noneInstalled = !installed.ok && installed.code === 'CONFIG_NOT_FOUND'
  const compared = [
    ...(installed.ok
      ? [
          `the installed Config (${printable(installed.from, 200)}${installed.installation === undefined ? '' : `, Installation ${printable(installed.installation, 80)}`})`,
        ]
      : []),
    ...(running === undefined ? [] : ['what runs']),
  ]
  return [
    ...(installed.ok || noneInstalled ? [] : [unread('the installed one', installed)]),
    ...(runningUnread === undefined ? [] : [unread('what runs', runningUnread)]),
    ...(noneInstalled ? [finding('UPGRADE_NOTHING_INSTALLED', `${reason(installed)} Only what runs was compared.`)] : []),
    ...(cluster === undefined ? [finding('UPGRADE_NO_CLUSTER', noCluster)] : nothingRuns(situation)),
    ...(compared.length === 0
      ? []
      : [finding('UPGRADE_COMPARED', `the new Config was compared with ${compared.join(' and ')}.`, contents(situation))]),
  ]
}

const noCluster =
  'no cluster was read: what runs was not compared, nor its bytes with those in the registry, nor what the nodes have already. Add --from-cluster where the cluster can be reached.'

const nothingRuns = ({ cluster, running, runningUnread }: Situation): readonly Finding[] => {
  if (cluster === undefined || runningUnread !== undefined) return []
  const where = `in the namespace ${printable(cluster.namespace)}`
  if (running === undefined)
    return [
      finding(
        'UPGRADE_NOTHING_RUNS',
        `there is no Deployment velero ${where}: only the Configs were compared. Where Velero is in another namespace, give it with -n.`,
      ),
    ]
  if ((cluster.pods ?? []).length > 0) return []
  return [
    finding(
      'UPGRADE_NOTHING_RUNS',
      `the Deployment velero ${where} has no pod: which bytes run was not compared. See why it has none before the upgrade.`,
    ),
  ]
}

const contents = ({ before, running, next }: Situation): readonly string[] => {
  const line = (what: string, containers: readonly ContainerFact[] | undefined) =>
    containers === undefined
      ? []
      : [`${what}: ${containers.length === 0 ? 'none' : list(containers.map(({ name, image }) => `${name} (${image})`))}`]
  const ofOthers = running?.filter(({ name }) => name !== ownPlugin)
  return [...line('new', next), ...line('installed', before), ...line('runs', ofOthers)]
}

/** By whose files the later image overwrites the earlier one's. */
export const orderFindings = (input: AnalyzeInput, { before, running, next }: Situation): readonly Finding[] => {
  const old = (running ?? before ?? []).map(({ name }) => name)
  const now = next.map(({ name }) => name)
  const [was, is] = [old.filter(name => now.includes(name)), now.filter(name => old.includes(name))]
  if (was.join() === is.join()) return []
  const words = `the init containers come in another order: ${list(is)} instead of ${list(was)}`
  return copiesOneNameTwice(input)
    ? [
        finding(
          'UPGRADE_ORDER_CHANGED',
          `${words}. Where two images copy a file of one name, the later one overwrites the earlier one's: another one wins than before. Keep the order, or see the check binaries.`,
        ),
      ]
    : [finding('UPGRADE_ORDER_HARMLESS', `${words}. No two of the images copy a file of one name.`)]
}

/** True also where nobody knows what is copied. */
const copiesOneNameTwice = (input: AnalyzeInput): boolean => {
  let facts: ReturnType<typeof input.read<'binaries'>>
  try {
    facts = input.read('binaries')
  } catch (error) {
    if (error instanceof PreflightError) return true
    throw error
  }
  return input.platforms.some(platform => {
    const files = input.plugins.map(({ plugin }) => facts.find(fact => fact.plugin === plugin && fact.platform === platform))
    if (files.some(fact => fact === undefined || !fact.ok || fact.copy.state !== 'done' || fact.moreFiles > 0)) return true
    const paths = files.flatMap(fact => (fact?.ok ? fact.files.map(({ path }) => path) : []))
    return new Set(paths).size < paths.length
  })
}

/** An override that sets init containers takes the place of all that Embedded Cluster would put there. */
export const overrideFindings = ({ configs, before = [], running = [] }: Situation, input: AnalyzeInput): readonly Finding[] => {
  const containers = configs.map(config => config.override?.initContainers).find(one => one !== undefined)
  if (containers === undefined) return []
  const names = containers.map(({ name }) => name)
  const declared = input.plugins.map(({ plugin }) => plugin)
  const lost = [...new Set([...declared, ...before.map(({ name }) => name), ...running.map(({ name }) => name)])].filter(
    name => !names.includes(name),
  )
  const what =
    'the override of the built-in extension velero in the new Config sets initContainers, which replace all that Embedded Cluster puts there'
  if (lost.length > 0)
    return [
      finding(
        'UPGRADE_OVERRIDE_DROPS',
        `${what}: ${list(lost)} ${lost.length === 1 ? 'is' : 'are'} not among them and will be gone after the upgrade. Remove initContainers from the override, or complete the list.`,
      ),
    ]
  return [finding('UPGRADE_OVERRIDE', `${what}: it has all of them (${list(names)}), and has to be kept so with every change.`)]
}

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
      `an upgrade by the admin console (KOTS up to 1.131) drops spec.extensions.velero: Velero would run without ${list(dropped)}.${same} What it keeps is an override: initContainers of the built-in extension velero under unsupportedOverrides, with the complete list, ${ownPlugin} too. After the upgrade, run this check again without --config.`,
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
      `the Installation ${printable(installation, 80)} had ${list(gone)}, and the current one, ${printable(installed.installation ?? '', 80)}, has not: an upgrade has dropped ${gone.length === 1 ? 'it' : 'them'}, and backups since then were made without. See that this upgrade brings ${gone.length === 1 ? 'it' : 'them'} back.`,
    ),
  ]
}
