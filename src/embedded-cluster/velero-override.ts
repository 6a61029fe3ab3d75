import { PreflightError } from '../errors.ts'
import type { VeleroOverride } from '../facts/config.ts'
import { redact } from '../redact.ts'
import { at, describe, parseYaml, textOf, type YamlNode } from '../yaml-source.ts'
import { entryOf } from './shape.ts'

/**
 * The Helm values that override those of the built-in extension velero: of several entries the first counts
 * (EC 2.19 kinds/apis/v1beta1/config_types.go, OverrideForBuiltIn).
 */
export const readOverride = (overrides: YamlNode | undefined): VeleroOverride | undefined => {
  const extensions = entryOf(overrides, 'builtInExtensions')?.value
  if (extensions?.kind !== 'list') return undefined
  const entry = extensions.items.find(item => textOf(entryOf(item, 'name')?.value) === 'velero')
  const values = entryOf(entry, 'values')?.value
  const text = textOf(values)
  return values === undefined || text === undefined || text === '' ? undefined : { position: values.position, ...readValues(text) }
}

const readValues = (text: string): Omit<VeleroOverride, 'position'> => {
  let root: YamlNode | undefined
  try {
    root = parseYaml(text, 'values')[0]?.root
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return { problem: error.message.split('\n')[0]!.replace(/^values:(\d+):\d+:/, 'in line $1 of the values,'), imagePullSecrets: [] }
  }
  if (root === undefined) return { imagePullSecrets: [] }
  if (root.kind !== 'map') return { problem: `the values are ${describe(root)}, not a mapping`, imagePullSecrets: [] }
  const account = namesAt(at(root, 'serviceAccount', 'server', 'imagePullSecrets'))
  const initContainers = root.entries.get('initContainers')?.value
  return {
    ...(initContainers === undefined ? {} : { initContainers: containersOf(initContainers) }),
    imagePullSecrets: namesAt(at(root, 'image', 'imagePullSecrets')),
    ...(account.length === 0 ? {} : { accountPullSecrets: account }),
  }
}

/** Null takes all away; a text is a template that we do not render, with containers that we do not know. */
const containersOf = (node: YamlNode): NonNullable<VeleroOverride['initContainers']> =>
  node.kind === 'list'
    ? node.items.map(item => ({ name: redact(textOf(at(item, 'name')) ?? ''), image: redact(textOf(at(item, 'image')) ?? '') }))
    : []

/** vmware-tanzu/helm-charts, charts/velero 12: a list of names. */
const namesAt = (list: YamlNode | undefined): readonly string[] =>
  list?.kind === 'list' ? list.items.flatMap(item => textOf(item) ?? textOf(at(item, 'name')) ?? []) : []
