import { ownPlugin } from '../../embedded-cluster/plugins.ts'
import type { ContainerFact } from '../../kubernetes/objects.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { predecessorOf } from './change.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'

export interface Removed {
  readonly name: string
  readonly finding: Finding
}

/** What is installed or runs, and is neither in the new Config nor what a plugin of it was called before. */
export const removedPlugins = (situation: Situation): readonly Removed[] => {
  const { before = [], running = [], next } = situation
  const kept = next.flatMap(plugin => {
    const { installed, running: runs } = predecessorOf(situation, plugin)
    return [plugin, installed, runs].flatMap(one => (one === undefined ? [] : [one.name]))
  })
  const names = [...new Set([...before, ...running].map(({ name }) => name))].filter(name => name !== ownPlugin && !kept.includes(name))
  return names.map(name => {
    const of = (list: readonly ContainerFact[]) => list.find(one => one.name === name)
    return { name, finding: finding('UPGRADE_REMOVED', removedWords(name, of(before), of(running), situation)) }
  })
}

const removedWords = (
  name: string,
  installed: ContainerFact | undefined,
  running: ContainerFact | undefined,
  { running: all }: Situation,
): string => {
  const image = printable((running ?? installed)?.image ?? '', 300)
  const where =
    installed === undefined
      ? 'runs without being in the installed Config, so somebody added it by hand, and is not in the new Config'
      : running === undefined && all !== undefined
        ? 'is in the installed Config, does not run, and is not in the new Config'
        : 'is installed, and not in the new Config'
  return `${printable(name)}: ${image} ${where}: the upgrade removes it. Backups that were made with it may not be restorable without it, nor may those that name its storage. Keep it in the Config as long as backups need it.`
}
