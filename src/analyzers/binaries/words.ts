import type { FileFacts, LayerFacts, PluginFileFacts } from '../../facts/binaries.ts'
import { printable } from '../../redact.ts'

/** A command as it stands in a Dockerfile. */
export const commandWords = (argv: readonly string[]): string => printable(JSON.stringify(argv), 400)

/** Where Velero finds a file. */
export const pathWords = ({ path }: Pick<PluginFileFacts, 'path'>): string => printable(`/plugins/${path}`, 300)

/** Where the image has it, when that is another place. */
export const fromWords = (file: PluginFileFacts): string =>
  file.from === `/plugins/${file.path}` ? '' : ` (from ${printable(file.from, 300)} in the image)`

/** One line of evidence for a file. */
export const fileLine = (file: PluginFileFacts): string => {
  const what =
    file.file === undefined ? [file.kind, ...(file.target === undefined ? [] : [`to ${printable(file.target)}`])] : contentWords(file.file)
  return [`${pathWords(file)}: mode ${file.mode}`, ...what].join(', ')
}

/** What was not read, as the end of a message that goes well; empty when everything was. */
export const unreadWords = ({ layers }: { readonly layers: readonly LayerFacts[] }): string => {
  const unread = layers.filter(layer => layer.unread === true)
  const other = layers.filter(layer => layer.otherBlob === true)
  const read = layers.length - unread.length
  const upper = read === 1 ? 'layer proves' : `${read} layers prove`
  const below = `The upper ${upper} that; the ${mibOf(unread)} below cannot change it and were not read, so whether a node can unpack them is not known: --prove reads them too.`
  const known = `${mibOf(other)} were not read, since an earlier run read the same, packed in another way; whether a node can unpack them so is not known: --prove reads them too.`
  return [...(unread.length === 0 ? [] : [below]), ...(other.length === 0 ? [] : [known])].map(text => ` ${text}`).join('')
}

const mibOf = (layers: readonly LayerFacts[]): string =>
  `${(layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 2 ** 20).toFixed(1)} MiB`

/** What was not fetched in this run. */
export const cacheLines = (layers: readonly LayerFacts[]): readonly string[] => {
  const cached = layers.filter(layer => layer.cached === true)
  const same = cached.filter(({ otherBlob }) => otherBlob !== true)
  return [
    ...(same.length === 0
      ? []
      : [`${same.length} of ${layers.length} layers as an earlier run read and verified them (cache), not fetched again`]),
    ...cached.flatMap(({ digest, otherBlob }) =>
      otherBlob === true ? [`layer ${digest} by its diff_id, as an earlier run read it from another blob (cache), not fetched`] : [],
    ),
  ]
}

const contentWords = ({ sizeBytes, sha256, kind, elf, go }: FileFacts): readonly string[] => [
  `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`,
  elf === undefined ? kindWords[kind] : `ELF ${elf.machine} ${linkWords(elf)}`,
  ...(go === undefined
    ? []
    : [
        go.version === '' ? 'Go before 1.18' : printable(go.version, 40),
        ...(go.module === undefined ? [] : [printable(`${go.module.path} ${go.module.version}`)]),
        ...(go.framework === undefined ? [] : [frameworkWords(go.framework)]),
      ]),
  sha256,
]

const linkWords = ({ interpreter, glibc }: NonNullable<FileFacts['elf']>): string =>
  interpreter === undefined
    ? 'static'
    : `dynamic (${printable(interpreter || 'loader not seen', 100)}${glibc === undefined ? '' : `, glibc ${glibc}`})`

export const frameworkWords = ({ version, replacedBy }: NonNullable<NonNullable<FileFacts['go']>['framework']>): string =>
  replacedBy === undefined
    ? `Velero framework ${printable(version, 80)}`
    : `Velero framework ${printable(version, 80)} replaced by ${printable(`${replacedBy.path} ${replacedBy.version}`.trim())}`

export const kindWords: Readonly<Record<FileFacts['kind'], string>> = {
  empty: 'an empty file',
  elf: 'an ELF file',
  script: 'a script',
  windows: 'a Windows program',
  macos: 'a macOS program',
  other: 'no program',
}
