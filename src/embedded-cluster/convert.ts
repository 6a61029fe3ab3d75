import { PreflightError } from '../errors.ts'
import { showPosition } from '../position.ts'
import { at, parseYaml, textOf, toJs, type YamlDocument, type YamlNode } from '../yaml-source.ts'
import { isConfig } from './config.ts'
import { configApiVersion, configApiVersionV1 } from './config-shape.ts'

export type ConfigVersion = 'v1' | 'v1beta1'

const apiVersions: Readonly<Record<ConfigVersion, string>> = { v1: configApiVersionV1, v1beta1: configApiVersion }

/**
 * The text with every Config in it under another version, whose fields are the same: the letters of the apiVersion change, and
 * nothing else, so that comments, order and spelling stay as they are.
 *
 * @throws PreflightError YAML_INVALID, CONFIG_NOT_FOUND; CONFIG_INVALID for an apiVersion that is not written out
 */
export const convertConfig = (text: string, file: string, to: ConfigVersion): string => {
  const documents = parseYaml(text, file)
  const roots = documents.flatMap(document => (isConfig(document) && document.root !== undefined ? [document.root] : []))
  if (roots.length === 0)
    throw new PreflightError('CONFIG_NOT_FOUND', `There is no Embedded Cluster Config in ${file}.`, {
      hint: `A Config begins with "apiVersion: ${configApiVersion}" and "kind: Config".`,
    })
  const lines = text.split('\n')
  // Last first, so that what is before keeps its place.
  for (const root of roots.toReversed()) {
    const node = at(root, 'apiVersion')
    if (node !== undefined) replaceAt(lines, node, textOf(node) ?? '', apiVersions[to])
  }
  const converted = lines.join('\n')
  requireOnly(documents, parseYaml(converted, file), apiVersions[to])
  return converted
}

/** What an alias or a merge key brings elsewhere has changed too. @throws PreflightError CONFIG_INVALID */
const requireOnly = (before: readonly YamlDocument[], after: readonly YamlDocument[], apiVersion: string): void => {
  for (const [index, document] of before.entries()) {
    const { root } = document
    if (root === undefined) continue
    const wanted = isConfig(document) ? { ...(toJs(root) as object), apiVersion } : toJs(root)
    const made = after[index]?.root
    if (made !== undefined && JSON.stringify(toJs(made)) === JSON.stringify(wanted)) continue
    throw notWrittenOut(at(root, 'apiVersion') ?? root)
  }
}

const notWrittenOut = ({ position }: YamlNode): PreflightError =>
  new PreflightError('CONFIG_INVALID', `${showPosition(position)}: the apiVersion is not written out here, or not for this place alone.`, {
    hint: 'Write it in one line, without an anchor, alias or escape.',
  })

const replaceAt = (lines: string[], node: YamlNode, from: string, to: string): void => {
  const { position } = node
  const index = position.line - 1
  const line = lines[index] ?? ''
  // A byte order mark is of no column.
  const mark = index === 0 && line.startsWith('\ufeff') ? 1 : 0
  const start = position.column - 1 + mark
  const quote = /["']/.exec(line.charAt(start)) === null ? 0 : 1
  const written = line.slice(start + quote, start + quote + from.length)
  if (written !== from) throw notWrittenOut(node)
  lines[index] = line.slice(0, start + quote) + to + line.slice(start + quote + from.length)
}
