import { PreflightError } from './errors.ts'
import type { CheckKind } from './facts.ts'
import type { Status } from './outcome.ts'
import { printable } from './redact.ts'
import { fillTemplate, unknownField } from './spec/template.ts'
import { suggest } from './suggest.ts'
import { holds, parseWhen, type When, type WhenValues } from './when.ts'
import {
  at,
  createReader,
  parseYaml,
  type Reader,
  type SourceText,
  textOf,
  type YamlDocument,
  type YamlMap,
  type YamlNode,
} from './yaml-source.ts'

/** Which checks are made, and how strictly (docs/specs.md). */
export interface Spec {
  readonly name: string
  readonly collectors: readonly SpecCollector[]
  readonly analyzers: readonly SpecAnalyzer[]
  /** An Embedded Cluster Config is a document of the file too, as `template` writes it. */
  readonly holdsConfig?: true
}

export interface SpecCollector {
  readonly kind: CheckKind
  readonly exclude: boolean
}

export interface SpecAnalyzer {
  readonly kind: CheckKind
  /** Title of its results instead of the analyzer's own. */
  readonly checkName?: string
  readonly exclude: boolean
  readonly strict: boolean
  /** Absent: the analyzer's own findings decide. */
  readonly outcomes?: readonly SpecOutcome[]
}

export interface SpecOutcome {
  readonly status: Status
  /** Absent: always. */
  readonly when?: When
  readonly message: string
  readonly uri?: string
}

/** The kinds of checks, each with the values that its `when` may compare. */
export type SpecVocabulary = Readonly<Record<CheckKind, readonly string[]>>

/** What every check has beside its own values. */
export const commonValues: Readonly<Record<string, string>> = {
  status: 'pass, warn or fail: as the check itself judges',
  code: 'of the worst finding',
  message: 'of the worst finding',
  check: 'the kind of the check',
  plugin: 'the name of the plugin; empty for the whole Config',
}

const apiVersions = ['velero-plugin-preflight/v1beta1', 'troubleshoot.sh/v1beta2', 'troubleshoot.sh/v1beta3']
const kinds = ['Preflight', 'HostPreflight', 'SupportBundle']
const collectorLists = ['collectors', 'hostCollectors']
const analyzerLists = ['analyzers', 'hostAnalyzers']

/**
 * Reads a spec: every document of a kind that is known, put together.
 *
 * @throws PreflightError YAML_INVALID; SPEC_INVALID as `file:line:column: what is wrong` for everything that is not understood:
 * a check that is misspelt must not be a check that is silently not made
 */
export const parseSpec = (text: string | Uint8Array, file: string, vocabulary: SpecVocabulary): Spec => {
  const documents = parseYaml(text, file)
  const holdsConfig = documents.some(isConfig)
  const specs = documents
    .filter(document => !isConfig(document))
    .flatMap(({ root, source }) => (root === undefined ? [] : [readDocument(root, source, vocabulary)]))
  if (specs.length === 0) {
    throw new PreflightError(
      'SPEC_INVALID',
      `${file}:1:1: there is no spec in it`,
      holdsConfig ? { hint: 'It is a Config: give it with --config.' } : {},
    )
  }
  return { ...mergeSpecs(specs), ...(holdsConfig && { holdsConfig }) }
}

const isConfig = ({ root }: YamlDocument): boolean =>
  textOf(at(root, 'kind')) === 'Config' && textOf(at(root, 'apiVersion'))?.startsWith('embeddedcluster.replicated.com/') === true

/** Several specs as one, in their order. */
export const mergeSpecs = (specs: readonly Spec[]): Spec => ({
  name: specs[0]?.name ?? '',
  collectors: specs.flatMap(({ collectors }) => collectors),
  analyzers: specs.flatMap(({ analyzers }) => analyzers),
})

const readDocument = (root: YamlNode, source: SourceText, vocabulary: SpecVocabulary): Spec => {
  const reader = createReader(source, 'SPEC_INVALID')
  const document = reader.map(root, 'a spec', root)
  expectOneOf(reader, document, 'apiVersion', apiVersions)
  expectOneOf(reader, document, 'kind', kinds)
  const spec = reader.map(at(document, 'spec'), 'spec', document)
  reader.keys(spec, [...collectorLists, ...analyzerLists], 'spec')
  const entries = (lists: readonly string[]) =>
    lists.flatMap(name => {
      const node = spec.entries.get(name)?.value
      return node === undefined
        ? []
        : reader.list(node, name).items.map(item => entryOf(reader, item, name, Object.keys(vocabulary) as CheckKind[]))
    })
  const collectors = entries(collectorLists).map(({ kind, body }) => collectorOf(reader, kind, body))
  const analyzers = entries(analyzerLists).map(({ kind, body }) => analyzerOf(reader, kind, body, vocabulary))
  if (analyzers.length === 0) throw reader.fault(spec, 'there are no analyzers in the spec: nothing would be checked')
  const own = collectors.length > 0 ? collectors : [...new Set(analyzers.map(({ kind }) => kind))].map(kind => ({ kind, exclude: false }))
  return { name: textOf(at(document, 'metadata', 'name')) ?? '', collectors: own, analyzers }
}

const expectOneOf = (reader: Reader, document: YamlMap, key: string, allowed: readonly string[]): void => {
  const node = document.entries.get(key)?.value
  if (node === undefined) throw reader.fault(document, `${key} is missing`, `It is one of ${allowed.join(', ')}.`)
  const text = reader.text(node, key)
  if (!allowed.includes(text))
    throw reader.fault(node, `${key} "${printable(text, 80)}" is not known`, `It is one of ${allowed.join(', ')}.`)
}

/** `- image: {…}`: one key, the kind. */
const entryOf = (reader: Reader, item: YamlNode, list: string, known: readonly CheckKind[]): { kind: CheckKind; body: YamlMap } => {
  const map = reader.map(item, `an entry of ${list}`, item)
  const [entry, ...rest] = map.entries.values()
  if (entry === undefined || rest.length > 0)
    throw reader.fault(item, `an entry of ${list} has one key, the kind of the check`, `The kinds are ${known.join(', ')}.`)
  const kind = known.find(one => one === entry.key)
  if (kind === undefined) {
    const meant = suggest(entry.key, known)
    const hint =
      meant === undefined
        ? `Run what only troubleshoot has with its own preflight or support-bundle. The kinds here are ${known.join(', ')}.`
        : `Did you mean ${meant}?`
    throw reader.fault(
      { position: entry.keyPosition },
      `${list} has a kind that this program does not have: ${printable(entry.key, 60)}`,
      hint,
    )
  }
  const empty: YamlMap = { kind: 'map', position: entry.keyPosition, entries: new Map() }
  const body = entry.value.kind === 'scalar' && entry.value.value === null ? empty : reader.map(entry.value, entry.key, item)
  return { kind, body }
}

const collectorOf = (reader: Reader, kind: CheckKind, body: YamlMap): SpecCollector => {
  reader.keys(body, ['collectorName', 'exclude'], `the collector ${kind}`)
  return { kind, exclude: reader.bool(at(body, 'exclude'), 'exclude') }
}

const analyzerOf = (reader: Reader, kind: CheckKind, body: YamlMap, vocabulary: SpecVocabulary): SpecAnalyzer => {
  reader.keys(body, ['checkName', 'collectorName', 'exclude', 'strict', 'outcomes', 'annotations'], `the analyzer ${kind}`)
  const checkName = at(body, 'checkName')
  const outcomes = at(body, 'outcomes')
  return {
    kind,
    ...(checkName === undefined ? {} : { checkName: reader.text(checkName, 'checkName') }),
    exclude: reader.bool(at(body, 'exclude'), 'exclude'),
    strict: reader.bool(at(body, 'strict'), 'strict'),
    ...(outcomes === undefined ? {} : { outcomes: outcomesOf(reader, outcomes, [...Object.keys(commonValues), ...vocabulary[kind]]) }),
  }
}

const outcomesOf = (reader: Reader, node: YamlNode, values: readonly string[]): readonly SpecOutcome[] => {
  const { items } = reader.list(node, 'outcomes')
  const outcomes = items.map(item => outcomeOf(reader, item, values))
  const early = outcomes.slice(0, -1).findIndex(({ when }) => when === undefined)
  if (early >= 0) throw reader.fault(items[early + 1]!, 'this outcome is never reached: the one before it has no `when` and always matches')
  if (outcomes.at(-1)?.when !== undefined || outcomes.length === 0) {
    throw reader.fault(items.at(-1) ?? node, 'the last outcome must have no `when`, so that one of them always matches')
  }
  return outcomes
}

const outcomeOf = (reader: Reader, item: YamlNode, values: readonly string[]): SpecOutcome => {
  const map = reader.map(item, 'an outcome', item)
  reader.keys(map, ['fail', 'warn', 'pass'], 'an outcome')
  const [entry, ...rest] = map.entries.values()
  if (entry === undefined || rest.length > 0) throw reader.fault(item, 'an outcome has one of fail, warn and pass')
  const body = reader.map(entry.value, entry.key, item)
  reader.keys(body, ['when', 'message', 'uri'], entry.key)
  const message = body.entries.get('message')?.value
  if (message === undefined) throw reader.fault(body, 'the message is missing')
  const text = reader.text(message, 'message')
  const strange = unknownField(text, values)
  if (strange !== undefined)
    throw reader.fault(
      message,
      `the message has a field that does not exist: ${printable(strange, 80)}`,
      `Fields are ${values.map(value => `{{ .${value} }}`).join(', ')}.`,
    )
  const when = body.entries.get('when')?.value
  const uri = body.entries.get('uri')?.value
  return {
    status: entry.key as Status,
    message: text,
    ...(when === undefined || textOf(when) === '' ? {} : { when: conditionOf(reader, when, values) }),
    ...(uri === undefined ? {} : { uri: reader.text(uri, 'uri') }),
  }
}

const conditionOf = (reader: Reader, node: YamlNode, values: readonly string[]): When => {
  const when = parseWhen(reader.text(node, 'when'), values)
  if ('fault' in when) throw reader.fault(node, `this condition cannot be read: ${printable(when.fault)}`)
  return when
}

/** The first outcome that holds, its message filled in; undefined without outcomes, or when none holds. */
export const decide = (
  { outcomes }: SpecAnalyzer,
  values: WhenValues,
): { readonly status: Status; readonly message: string; readonly uri?: string } | undefined => {
  const found = outcomes?.find(({ when }) => when === undefined || holds(when, values))
  if (found === undefined) return undefined
  return { status: found.status, message: fillTemplate(found.message, values), ...(found.uri === undefined ? {} : { uri: found.uri }) }
}
