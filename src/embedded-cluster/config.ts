import { PreflightError } from '../errors.ts'
import type { ConfigFact } from '../facts/config.ts'
import { type Position, showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { at, describe, errorAt, parseYaml, textOf, type YamlDocument } from '../yaml-source.ts'
import { channelReleaseIn } from './channel-release.ts'
import { configApiVersion, configApiVersionV1, proposalApiVersion } from './config-shape.ts'
import { nameUniquely } from './plugin-names.ts'
import { readConfig } from './read-config.ts'
import { claimedBy, isSeen, type ReleaseFile, searchedText, takenByInstaller } from './release-choice.ts'
import { undecodableOf } from './undecodable.ts'

export interface ConfigFile {
  /** As given; `-` for standard input. */
  readonly file: string
  readonly bytes: Uint8Array
  /** Not named itself but found in a folder, where other YAML, also templates that are none yet, may lie about. */
  readonly fromFolder: boolean
  /** Its name in the archive of a release; absent: it was given by itself or in a folder. */
  readonly name?: string
}

/**
 * Every Embedded Cluster Config in `files`, as facts.
 *
 * @throws PreflightError YAML_INVALID, FILE_TOO_LARGE; CONFIG_NOT_FOUND with what was found instead; CONFIG_INVALID for a
 * Config that Embedded Cluster could not decode, at `file:line:column`
 */
export const readConfigs = (files: readonly ConfigFile[]): readonly ConfigFact[] => readDocuments(files).configs

/** The Configs beside the documents that they were read from, in their order. @throws PreflightError as {@link readConfigs} */
export const readDocuments = (
  files: readonly ConfigFile[],
): { readonly documents: readonly YamlDocument[]; readonly configs: readonly ConfigFact[] } => {
  const { documents, configs } = documentsIn(files)
  const release = channelReleaseIn(files)
  const facts = withChoice(files, documents, nameUniquely(configs.map(readConfig)))
  return { documents: configs, configs: release === undefined ? facts : facts.map(config => ({ ...config, release })) }
}

const documentsIn = (
  files: readonly ConfigFile[],
): { readonly documents: readonly YamlDocument[]; readonly configs: readonly YamlDocument[] } => {
  const passedOver: string[] = []
  const documents = files.flatMap(file => documentsOf(file, passedOver))
  const configs = documents.filter(isConfig)
  if (configs.length === 0) throw notFound(files, documents, passedOver)
  return { documents, configs }
}

const documentsOf = ({ file, bytes, fromFolder, name }: ConfigFile, passedOver: string[]): readonly YamlDocument[] => {
  try {
    const documents = parseYaml(bytes, file)
    const stranger = documents.find(({ root }) => root !== undefined && root.kind !== 'map')
    // Alone, it is no Config at all: see below.
    if (stranger?.root !== undefined && !fromFolder && documents.length > 1) {
      const what = `a document of this file is ${describe(stranger.root)}, not a mapping`
      throw errorAt(stranger.source, 'CONFIG_INVALID', stranger.root.position, what)
    }
    return documents
  } catch (error) {
    const mayHoldConfig = Buffer.from(bytes.subarray(0, 1 << 20)).includes('embeddedcluster.replicated.com')
    // A text in a release that only speaks of a Config need not be YAML.
    const isYaml = name === undefined || /\.ya?ml$/.test(name)
    if (!fromFolder || (mayHoldConfig && isYaml) || !(error instanceof PreflightError) || error.code !== 'YAML_INVALID') throw error
    passedOver.push(error.message.split('\n')[0]!)
    return []
  }
}

/** Of several Configs the last is the one that is expected to be taken. */
const withChoice = (
  files: readonly ConfigFile[],
  documents: readonly YamlDocument[],
  configs: readonly ConfigFact[],
): readonly ConfigFact[] => {
  const release = files.map(({ bytes, name }): ReleaseFile => ({ text: Buffer.from(bytes).toString('latin1'), ...(name && { name }) }))
  const all = takenByInstaller(release)
  const chosen = all.at(-1)
  const last = configs.at(-1)
  if (last === undefined) return configs
  if (chosen === undefined) return configs.map(config => ({ ...config, ...seenAs(config, files, release) }))
  const undecodable = undecodableOf(all, files)
  if (undecodable !== undefined) return configs.map(config => (config === last ? { ...config, undecodable } : config))
  const { file } = files[chosen.file]!
  const isIn = ({ file: of, line }: Position) => of === file && line >= chosen.first && line <= chosen.last
  if (isIn(last.position)) return configs
  const other = documents.find(({ root }) => root !== undefined && isIn(root.position))
  const taken = {
    position: other?.root?.position ?? { file, line: chosen.first, column: 1 },
    kind: printable(textOf(at(other?.root, 'kind')) ?? '', 60),
  }
  return configs.map(config => (config === last ? { ...config, taken } : config))
}

/** Comments before it, and in a file that is searched as a whole other documents, decide too whether it is taken for a Config. */
const seenAs = (
  { position }: ConfigFact,
  files: readonly ConfigFile[],
  release: readonly ReleaseFile[],
): Pick<ConfigFact, 'found' | 'claimedBy'> | undefined => {
  const own = release[files.findIndex(({ file }) => file === position.file)]
  if (own === undefined) return undefined
  const text = searchedText(own, position.line)
  const claim = claimedBy(text)
  return { found: isSeen(text), ...(claim === undefined ? {} : { claimedBy: claim }) }
}

export const isConfig = ({ root }: YamlDocument): boolean => {
  const apiVersion = textOf(at(root, 'apiVersion'))
  return textOf(at(root, 'kind')) === 'Config' && [configApiVersion, configApiVersionV1, proposalApiVersion].includes(apiVersion ?? '')
}

const shownDocuments = 8

const notFound = (files: readonly ConfigFile[], documents: readonly YamlDocument[], passedOver: readonly string[]): PreflightError => {
  const found = documents.flatMap(document => (document.root === undefined ? [] : [foundInstead(document)]))
  const others = [...found, ...passedOver.map(error => `not YAML, ${error}`)]
  const shown = others.slice(0, shownDocuments).join('; ')
  const more = others.length > shownDocuments ? `; and ${others.length - shownDocuments} more` : ''
  const where = files
    .map(({ file }) => printable(file))
    .slice(0, shownDocuments)
    .join(', ')
  const what = others.length === 0 ? 'The document is empty.' : `Found instead: ${shown}${more}.`
  return new PreflightError('CONFIG_NOT_FOUND', `There is no Embedded Cluster Config in ${where}. ${what}`, {
    hint: `A Config begins with "apiVersion: ${configApiVersion}" and "kind: Config".`,
  })
}

const foundInstead = ({ root }: YamlDocument): string => {
  const kind = textOf(at(root, 'kind'))
  const apiVersion = textOf(at(root, 'apiVersion'))
  if (root === undefined) return 'nothing'
  if (root.kind !== 'map') return `${describe(root)} at ${showPosition(root.position)}`
  if (kind === undefined) return `a mapping without kind at ${showPosition(root.position)}`
  return `${printable(kind, 60)} of ${printable(apiVersion ?? 'no apiVersion', 80)} at ${showPosition(root.position)}`
}
