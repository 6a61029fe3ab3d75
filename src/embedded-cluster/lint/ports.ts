import { firstDocument, parseYaml, textOf, type YamlNode } from '../../yaml-source.ts'
import { entryOf } from '../shape.ts'
import { goSyntax } from './go-text.ts'
import type { LintIssue } from './issue.ts'
import { syntaxErrorOf } from './syntax.ts'

/** Node ports that Embedded Cluster gives by itself (EC 2.19 pkg/lint/validator.go, validatePorts). */
const lowest = 80
const highest = 32767

/** Warnings of the overrides of built-in extensions: values that are no YAML, and node ports that need no override. */
export const portWarnings = (root: YamlNode | undefined): readonly LintIssue[] => {
  const overrides = entryOf(entryOf(root, 'spec')?.value, 'unsupportedOverrides')?.value
  const extensions = entryOf(overrides, 'builtInExtensions')?.value
  if (extensions?.kind !== 'list') return []
  return extensions.items.flatMap(item => {
    const name = textOf(entryOf(item, 'name')?.value) ?? ''
    const values = textOf(entryOf(item, 'values')?.value) ?? ''
    return values === '' ? [] : warningsOf(`unsupportedOverrides.builtInExtensions[${name}]`, values)
  })
}

const warningsOf = (field: string, values: string): readonly LintIssue[] => {
  const text = firstDocument(values)
  let root: YamlNode | undefined
  let strange: YamlNode | undefined
  try {
    root = parseYaml(text, 'values', {
      // Duplicates are no error to it here, and keys of text alone are looked at.
      twice: () => {},
      leaveOut: key => typeof key !== 'string',
      strangeKey: key => {
        if (key.kind !== 'scalar') strange ??= key
      },
      anyNumber: true,
    })[0]?.root
  } catch (error) {
    return [{ field, message: `failed to parse YAML values: ${syntaxErrorOf(error, text)}` }]
  }
  if (strange !== undefined) return [{ field, message: `failed to parse YAML values: yaml: invalid map key: ${goSyntax(strange)}` }]
  return root === undefined ? [] : portsIn(root, []).map(({ port, path }) => ({ field: `${field}.${path}`, message: message(port) }))
}

const message = (port: number): string =>
  `port ${port} is already supported (supported range: ${lowest}-${highest}) and should not be in unsupportedOverrides`

const portsIn = (node: YamlNode, path: readonly string[]): readonly { readonly port: number; readonly path: string }[] => {
  if (node.kind === 'list') return node.items.flatMap((item, index) => portsIn(item, [...path, `[${index}]`]))
  if (node.kind !== 'map') return []
  return [...node.entries.values()].flatMap(({ key, value }) => {
    const here = [...path, key]
    if (key !== 'nodePort') return portsIn(value, here)
    const port = portOf(value)
    return port >= lowest && port <= highest ? [{ port, path: here.join('.') }] : []
  })
}

const portOf = (node: YamlNode): number => {
  if (node.kind !== 'scalar') return 0
  const { value } = node
  if (typeof value === 'bigint' || typeof value === 'number') return Math.trunc(Number(value))
  return typeof value === 'string' && /^[-+]?\d{1,15}$/.test(value) ? Number(value) : 0
}
