import type { PluginFileFacts } from '../../facts/binaries.ts'
import { type Remark, remark, type Seen } from './remark.ts'
import { fileLine, pathWords } from './words.ts'

/** One plugin's fact for a platform. */
export interface Landed {
  readonly plugin: string
  readonly fact: Seen
}

/** What Embedded Cluster's own plugin puts into `/plugins`, before all others. */
const own = {
  plugin: "Embedded Cluster's own velero-plugin-for-aws",
  path: 'velero-plugin-for-aws',
  module: 'github.com/vmware-tanzu/velero-plugin-for-aws',
}

interface Placed {
  readonly plugin: string
  readonly file: PluginFileFacts
}

/**
 * What the plugins do to each other in the one folder that they share: init containers run one after the other, the later
 * overwrites the earlier, and Velero starts what is there in the end.
 *
 * @returns remarks by plugin
 */
export const clashRemarks = (landed: readonly Landed[]): ReadonlyMap<string, readonly Remark[]> => {
  const remarks = new Map<string, Remark[]>()
  const say = (plugin: string, one: Remark) => void append(remarks, plugin, one)
  const placed = new Map<string, Placed>()
  for (const { plugin, fact } of landed) {
    if (fact.filesFrom !== 'target') continue
    for (const file of fact.files.filter(({ kind }) => kind !== 'directory')) {
      const before = placed.get(file.path)
      if (file.path === own.path && before === undefined) say(plugin, overOwn(file))
      else if (before !== undefined && before.plugin !== plugin)
        overwritten(before, { plugin, file }).forEach(([who, one]) => void say(who, one))
      placed.set(file.path, { plugin, file })
    }
  }
  const started = [...placed.values()].filter(({ file }) => file.runs && file.file !== undefined)
  for (const [who, one] of twins(started)) say(who, one)
  return remarks
}

const append = <T>(lists: Map<string, T[]>, key: string, item: T): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

const overOwn = (file: PluginFileFacts): Remark =>
  file.file?.go?.module?.path === own.module
    ? remark(
        'BINARY_OVERWRITTEN',
        `${pathWords(file)} replaces ${own.plugin} by the build in this image. Remove the plugin from the Config unless that is meant: Embedded Cluster brings its own.`,
        [fileLine(file)],
      )
    : remark(
        'BINARY_COLLISION',
        `${pathWords(file)} replaces ${own.plugin}, which Embedded Cluster stores its backups with. Give the file another name.`,
        [fileLine(file)],
      )

const overwritten = (before: Placed, after: Placed): readonly (readonly [string, Remark])[] => {
  const evidence = [`${before.plugin}: ${fileLine(before.file)}`, `${after.plugin}: ${fileLine(after.file)}`]
  const place = pathWords(after.file)
  if (before.file.file !== undefined && before.file.file.sha256 === after.file.file?.sha256) {
    return [
      [
        after.plugin,
        remark(
          'BINARY_OVERWRITTEN',
          `the plugin ${before.plugin} brings the same file ${place}. Velero starts it once. Remove one of the two from the Config.`,
          evidence,
        ),
      ],
    ]
  }
  const advice = 'Rename it in one of the images (in what COPY and ENTRYPOINT name).'
  return [
    [
      before.plugin,
      remark(
        'BINARY_COLLISION',
        `its ${place} is overwritten by another file of the same name from the plugin ${after.plugin}, so this plugin is missing in Velero. ${advice}`,
        evidence,
      ),
    ],
    [
      after.plugin,
      remark(
        'BINARY_COLLISION',
        `its ${place} overwrites another file of the same name from the plugin ${before.plugin}, which is then missing in Velero. ${advice}`,
        evidence,
      ),
    ],
  ]
}

/** Files that would register the same plugins under two names. */
const twins = (started: readonly Placed[]): readonly (readonly [string, Remark])[] => {
  const own = ownTwins(started)
  const same = groups(started, ({ file }) => file.file!.sha256).flatMap(group => told(group, 'BINARY_TWIN'))
  const related = groups(started, ({ file }) => packageOf(file))
    .filter(group => new Set(group.map(({ file }) => file.file!.sha256)).size > 1)
    .flatMap(group => told(group, 'BINARY_SAME_PACKAGE'))
  return [...own, ...same, ...related]
}

const ownTwins = (started: readonly Placed[]): readonly (readonly [string, Remark])[] =>
  started
    .filter(({ file }) => file.path !== own.path && file.file?.go?.module?.path === own.module)
    .map(({ plugin, file }) => [
      plugin,
      remark(
        'BINARY_TWIN',
        `${pathWords(file)} is velero-plugin-for-aws under another name, beside the one that Embedded Cluster brings: both register velero.io/aws, and the server ends at its start with "unable to register plugin". Remove the plugin from the Config.`,
        [fileLine(file)],
      ),
    ])

/** A list of files says nothing of the program; a package does. */
const packageOf = ({ file }: PluginFileFacts): string | undefined =>
  file?.go?.path === 'command-line-arguments' ? undefined : file?.go?.path

const groups = (all: readonly Placed[], key: (placed: Placed) => string | undefined): readonly (readonly Placed[])[] => {
  const byKey = new Map<string, Placed[]>()
  for (const placed of all) {
    const id = key(placed)
    if (id !== undefined) append(byKey, id, placed)
  }
  return [...byKey.values()].filter(group => group.length > 1)
}

const told = (group: readonly Placed[], code: 'BINARY_TWIN' | 'BINARY_SAME_PACKAGE'): readonly (readonly [string, Remark])[] => {
  const evidence = group.slice(0, 20).map(({ plugin, file }) => `${plugin}: ${fileLine(file)}`)
  const list = group
    .slice(0, 5)
    .map(({ file }) => pathWords(file))
    .join(' and ')
  const text =
    code === 'BINARY_TWIN'
      ? `${list} are the same file. Each registers the same plugins, and the server ends at its start with "unable to register plugin". Copy it once.`
      : `${list} are two builds of the program ${packageOf(group[0]!.file) ?? ''}. If both register the same plugins, the server ends at its start with "unable to register plugin". Copy only one of them.`
  return [...new Set(group.map(({ plugin }) => plugin))].map(plugin => [plugin, remark(code, text, evidence)])
}
