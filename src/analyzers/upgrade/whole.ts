import { ownPlugin } from '../../embedded-cluster/plugins.ts'
import { PreflightError } from '../../errors.ts'
import type { Failure } from '../../facts/fact.ts'
import type { ContainerFact } from '../../kubernetes/objects.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type AnalyzeInput, reason } from '../analyzer.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'
import { nameList } from './words.ts'

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
      : [`${what}: ${containers.length === 0 ? 'none' : nameList(containers.map(({ name, image }) => `${name} (${image})`))}`]
  const ofOthers = running?.filter(({ name }) => name !== ownPlugin)
  return [...line('new', next), ...line('installed', before), ...line('runs', ofOthers)]
}

/** By whose files the later image overwrites the earlier one's. */
export const orderFindings = (input: AnalyzeInput, { before, running, next }: Situation): readonly Finding[] => {
  const old = (running ?? before ?? []).map(({ name }) => name)
  const now = next.map(({ name }) => name)
  const [was, is] = [old.filter(name => now.includes(name)), now.filter(name => old.includes(name))]
  if (was.join() === is.join()) return []
  const words = `the init containers come in another order: ${nameList(is)} instead of ${nameList(was)}`
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
        `${what}: ${nameList(lost)} ${lost.length === 1 ? 'is' : 'are'} not among them and will be gone after the upgrade. Remove initContainers from the override, or complete the list.`,
      ),
    ]
  return [finding('UPGRADE_OVERRIDE', `${what}: it has all of them (${nameList(names)}), and has to be kept so with every change.`)]
}
