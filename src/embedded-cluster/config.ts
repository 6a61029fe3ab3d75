import { PreflightError } from '../errors.ts'
import type { ConfigFact } from '../facts/config.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { at, describe, errorAt, parseYaml, textOf, type YamlDocument } from '../yaml-source.ts'
import { configApiVersion, configApiVersionV1, proposalApiVersion } from './config-shape.ts'
import { nameUniquely } from './plugin-names.ts'
import { readConfig } from './read-config.ts'

export interface ConfigFile {
  /** As given; `-` for standard input. */
  readonly file: string
  readonly bytes: Uint8Array
  /** Not named itself but found in a folder, where other YAML, also templates that are none yet, may lie about. */
  readonly fromFolder: boolean
}

/**
 * Every Embedded Cluster Config in `files`, as facts.
 *
 * @throws PreflightError YAML_INVALID, FILE_TOO_LARGE; CONFIG_NOT_FOUND with what was found instead; CONFIG_INVALID for a
 * Config that Embedded Cluster could not decode, at `file:line:column`
 */
export const readConfigs = (files: readonly ConfigFile[]): readonly ConfigFact[] => nameUniquely(configDocuments(files).map(readConfig))

/** The documents that are Configs, in their order. @throws PreflightError as {@link readConfigs}, but for CONFIG_INVALID of a Config */
export const configDocuments = (files: readonly ConfigFile[]): readonly YamlDocument[] => {
  const passedOver: string[] = []
  const documents = files.flatMap(file => documentsOf(file, passedOver))
  const configs = documents.filter(isConfig)
  if (configs.length === 0) throw notFound(files, documents, passedOver)
  return configs
}

const documentsOf = ({ file, bytes, fromFolder }: ConfigFile, passedOver: string[]): readonly YamlDocument[] => {
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
    if (!fromFolder || mayHoldConfig || !(error instanceof PreflightError) || error.code !== 'YAML_INVALID') throw error
    passedOver.push(error.message.split('\n')[0]!)
    return []
  }
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
