import { PreflightError } from '../../errors.ts'
import { parseYaml, type ScalarValue, textOf, type YamlDocument, type YamlNode } from '../../yaml-source.ts'
import { lintPlugins } from '../lint.ts'
import { entryOf } from '../shape.ts'
import { withoutLogin } from '../without-login.ts'
import { decodeError } from './decode.ts'
import { goQuote, goScalar, goSyntax } from './go-text.ts'
import type { LintIssue } from './issue.ts'
import { portWarnings } from './ports.ts'
import { syntaxErrorOf } from './syntax.ts'

export interface LintResult {
  readonly errors: readonly LintIssue[]
  readonly warnings: readonly LintIssue[]
}

/**
 * What Embedded Cluster's own linter says of a file (EC 2.19 pkg/lint/validator.go), but for the custom domains that it asks the
 * vendor portal about. It reads the first document alone, whatever kind it is of; a text where it gives up: why.
 */
export const lintConfig = (text: string): LintResult | string => {
  const documents = readStrictly(text)
  if (typeof documents === 'string') return documents
  const root = documents[0]?.root
  const undecoded = decodeError(root)
  if (undecoded !== undefined) return `failed to parse YAML: ${undecoded}`
  return { errors: pluginErrors(root), warnings: portWarnings(root) }
}

const pluginErrors = (root: YamlNode | undefined): readonly LintIssue[] => {
  const path = ['spec', 'extensions', 'velero', 'plugins'] as const
  const plugins = path.reduce<YamlNode | undefined>((node, field) => entryOf(node, field)?.value, root)
  const items = plugins?.kind === 'list' ? plugins.items : []
  const texts = items.map(item => ({ name: textAt(item, 'name'), image: textAt(item, 'image') }))
  return lintPlugins(texts).map(error => {
    const field = `extensions.velero.plugins[${error.index}].${error.field}`
    if (error.rule === 'missing') return { field, message: `plugin ${error.field} is required` }
    const shown = goQuote(withoutLogin(error.text))
    if (error.rule === 'invalid') return { field, message: `invalid image reference ${shown}` }
    return { field, message: `duplicate plugin ${error.field} ${shown} (also specified at index ${error.first})` }
  })
}

const textAt = (item: YamlNode, field: string): string => textOf(entryOf(item, field)?.value) ?? ''

interface Twice {
  readonly key: ScalarValue
  readonly line: number
}

/** All documents, or the error of go-yaml's strict decoder: for each key of a document that is set again a line. */
const readStrictly = (text: string): readonly YamlDocument[] | string => {
  const found: Twice[] = []
  const ofNull: YamlNode[] = []
  try {
    const documents = parseYaml(text, 'f', {
      twice: (key, { position }) => found.push({ key, line: position.line }),
      strangeKey: (key, value) => {
        if (key.kind !== 'scalar') throw new StrangeKey(goSyntax(key))
        ofNull.push(value)
      },
    })
    if (found.length > 0) return twiceError(ofFirstDocument(found, documents))
    return nullKeyError(ofNull, documents) ?? documents
  } catch (error) {
    if (error instanceof StrangeKey) return syntaxError(`yaml: invalid map key: ${error.message}`)
    if (error instanceof PreflightError && error.code === 'FILE_TOO_LARGE') throw error
    return earlierError(error, text) ?? syntaxError(syntaxErrorOf(error, text))
  }
}

/** Documents are decoded one after the other: what is wrong with one before the mistake is told instead of it. */
const earlierError = (error: unknown, text: string): string | undefined => {
  const line = error instanceof PreflightError ? Number(/^f:(\d+):/.exec(error.message)?.[1] ?? 0) : 0
  const lines = text.split('\n').slice(0, Math.max(0, line))
  const start = lines.findLastIndex(one => /^---(?:\s|$)/.test(one))
  const before = lines.slice(0, Math.max(0, start))
  if (before.every(one => /^%|^\s*(?:#|$)/.test(one))) return undefined
  const earlier = readStrictly(`${before.join('\n')}\n`)
  return typeof earlier === 'string' ? earlier : undefined
}

class StrangeKey extends Error {}

const documentAt = (documents: readonly YamlDocument[], line: number): number =>
  documents.findLastIndex(({ position }) => position.line <= line)

const ofFirstDocument = (found: readonly Twice[], documents: readonly YamlDocument[]): readonly Twice[] => {
  const first = Math.min(...found.map(({ line }) => documentAt(documents, line)))
  return found.filter(({ line }) => documentAt(documents, line) === first)
}

/** Null as a key is YAML, and no JSON, which the first document becomes. */
const nullKeyError = (values: readonly YamlNode[], documents: readonly YamlDocument[]): string | undefined => {
  const value = values.find(({ position }) => documentAt(documents, position.line) <= 0)
  if (value === undefined) return undefined
  const shown = value.kind === 'scalar' && value.value === null ? '<nil>' : goSyntax(value)
  return `failed to parse YAML: error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`
}

const twiceError = (found: readonly Twice[]): string =>
  syntaxError(
    `yaml: unmarshal errors:${found.map(({ key, line }) => `\n  line ${line}: key ${goScalar(key)} already set in map`).join('')}`,
  )

const syntaxError = (what: string): string => {
  const line = /line (\d+)/.exec(what)?.[1]
  return line === undefined || Number(line) === 0 ? `YAML syntax error: ${what}` : `YAML syntax error at line ${line}: ${what}`
}
