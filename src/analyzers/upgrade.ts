import { ownPlugin } from '../embedded-cluster/plugins.ts'
import type { Plugin } from '../facts/fact.ts'
import type { UpgradeFact } from '../facts/upgrade.ts'
import type { ContainerFact } from '../kubernetes/objects.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { type AnalyzeInput, type Analyzer, type Judgement, reason } from './analyzer.ts'
import { comparedBytes } from './upgrade/bytes.ts'
import { changeOf, driftFindings, predecessorOf } from './upgrade/change.ts'
import { upgradeCheck } from './upgrade/check.ts'
import { finding } from './upgrade/codes.ts'
import { consoleFindings } from './upgrade/kots.ts'
import { pullTime } from './upgrade/pull-time.ts'
import { removedPlugins } from './upgrade/removed.ts'
import { type Situation, situationOf } from './upgrade/situation.ts'
import { fitFindings, matrixFindings, veleroFindings } from './upgrade/versions.ts'
import { orderFindings, overrideFindings, sourceFindings } from './upgrade/whole.ts'

/** What an upgrade to the new Config changes against what is installed and what runs. */
export const upgrade: Analyzer<'upgrade'> = {
  ...upgradeCheck,
  analyze: input => {
    const situation = situationOf(input)
    const collected = input.read('upgrade')
    const facts = input.plugins.map(plugin => factOf(collected, plugin))
    const removed = removedPlugins(situation).filter(({ name }) => !input.plugins.some(({ plugin }) => plugin === name))
    const pull = pullTime(input, situation, facts)
    const { velero = '', veleroNow = '' } = situation
    const none = situation.next.length + input.plugins.length + removed.length === 0 && isKnown(situation)
    const common = { removed: removed.length, pullBytes: pull.bytes, pullSeconds: pull.seconds, velero, veleroNow }
    return [
      {
        findings: none ? [nonePlugins] : [...wholeFindings(input, situation), ...pull.findings],
        values: { change: '', retagged: false, ...common },
      },
      ...input.plugins.map((plugin, index) => judge(input, situation, plugin, facts[index]!, common)),
      ...removed.map(one => ({ plugin: one.name, findings: [one.finding], values: { change: 'removed', retagged: false, ...common } })),
    ]
  },
}

const nonePlugins = finding('UPGRADE_NO_PLUGINS', 'neither the new Config nor what is there has a Velero plugin: the upgrade changes none.')

/** Whether what is there could be read, as far as it was asked for. */
const isKnown = ({ installed, runningUnread }: Situation): boolean =>
  runningUnread === undefined && (installed.ok || installed.code === 'CONFIG_NOT_FOUND')

/** What was not collected of one plugin takes nothing from what is said of the others and of the whole. */
const factOf = (facts: readonly UpgradeFact[], { plugin, image }: Plugin): UpgradeFact =>
  facts.find(fact => fact.plugin === plugin && fact.image === image) ?? {
    plugin,
    image,
    ok: false,
    code: 'FACT_MISSING',
    message: 'Nothing was collected of its image for the check upgrade.',
    hint: 'Collect again.',
  }

const wholeFindings = (input: AnalyzeInput, situation: Situation): readonly Finding[] => {
  return [
    ...sourceFindings(situation),
    ...overrideFindings(situation, input),
    ...orderFindings(input, situation),
    ...consoleFindings(situation, input),
    ...veleroFindings(situation),
    ...othersOf(input, situation).flatMap(container => matrixFindings(container, situation)),
  ]
}

/**
 * Init containers of which no check knows more than their images: those of an override; without Embedded Cluster, which brings its
 * own, the one of this name that runs.
 */
const othersOf = ({ plugins }: AnalyzeInput, { configs, installed, running = [] }: Situation): readonly ContainerFact[] => {
  const override = configs.flatMap(config => config.override?.initContainers ?? [])
  const alone = !installed.ok && installed.code === 'CONFIG_NOT_FOUND' ? running.filter(({ name }) => name === ownPlugin) : []
  return (override.length > 0 ? override : alone).filter(({ name }) => !plugins.some(({ plugin }) => plugin === name))
}

const judge = (
  input: AnalyzeInput,
  situation: Situation,
  plugin: Plugin,
  fact: UpgradeFact,
  common: Omit<Judgement['values'], 'change'>,
): Judgement => {
  const container = { name: plugin.plugin, image: plugin.image }
  const unread = unreadFindings(plugin, situation)
  const predecessor = predecessorOf(situation, container)
  const { change, findings } = changeOf(container, predecessor)
  const bytes = fact.ok ? comparedBytes(fact, situation, plugin.imagePullPolicy) : undefined
  const opened: readonly Finding[] = fact.ok
    ? fitFindings(container, factsIn(input, plugin), situation)
    : [finding('UPGRADE_IMAGE_UNREAD', `${printable(plugin.plugin)}: its bytes were not compared. ${reason(fact)}`)]
  // What is said of a change rests on knowing what there is.
  const known = unread.length > 0 && predecessor.installed === undefined && predecessor.running === undefined ? [] : findings
  const dropped = !situation.next.some(({ name }) => name === plugin.plugin)
  return {
    plugin: plugin.plugin,
    findings: [
      ...unread,
      ...(dropped ? [droppedFinding(plugin)] : known).map(one => ({
        ...one,
        message: `${one.message}${one.status === 'pass' ? (bytes?.words ?? '') : ''}`,
      })),
      ...driftFindings(container, predecessor, situation),
      ...(bytes?.findings ?? []),
      ...opened,
    ],
    values: { ...common, change: dropped ? 'removed' : change, retagged: bytes?.retagged ?? false },
  }
}

const droppedFinding = ({ plugin, image }: Plugin): Finding =>
  finding(
    'UPGRADE_REMOVED',
    `${printable(plugin)}: ${printable(image, 300)} is in the new Config, and its override of the built-in extension velero drops it: Velero will run without it. See what is said of the override.`,
  )

const factsIn = (input: AnalyzeInput, { plugin, image }: Plugin) =>
  input.read('binaries').filter(one => one.plugin === plugin && one.image === image)

/** Nothing of what a plugin is compared with is known by half: what could not be read is no pass of any plugin. */
const unreadFindings = ({ plugin }: Plugin, situation: Situation): readonly Finding[] => {
  const { installed, runningUnread } = situation
  if (isKnown(situation)) return []
  const why = !installed.ok && installed.code !== 'CONFIG_NOT_FOUND' ? installed : runningUnread
  if (why === undefined) return []
  return [finding('UPGRADE_UNREAD', `${printable(plugin)}: it was not compared with all that there is. ${reason(why)}`)]
}
