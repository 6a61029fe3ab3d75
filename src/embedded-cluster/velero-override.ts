import { PreflightError } from '../errors.ts'
import type { VeleroOverride } from '../facts/config.ts'
import { redact } from '../redact.ts'
import { at, describe, firstDocument, type Position, parseYaml, textOf, type YamlMap, type YamlNode } from '../yaml-source.ts'
import { entryOf } from './shape.ts'

/** Of several entries for velero the first counts (EC 2.19 kinds/apis/v1beta1/config_types.go, OverrideForBuiltIn). */
const valuesNode = (overrides: YamlNode | undefined): YamlNode | undefined => {
  const extensions = entryOf(overrides, 'builtInExtensions')?.value
  if (extensions?.kind !== 'list') return undefined
  const entry = extensions.items.find(item => textOf(entryOf(item, 'name')?.value) === 'velero')
  const values = entryOf(entry, 'values')?.value
  return (textOf(values) ?? '') === '' ? undefined : values
}

/** What an override may show of itself: its values may hold secrets, and none of them is a fact. */
export const readOverride = (overrides: YamlNode | undefined): VeleroOverride | undefined => {
  const values = valuesNode(overrides)
  return values === undefined ? undefined : { position: values.position, ...readValues(textOf(values) ?? '') }
}

/** All values of the override of velero, with the place where they stand; or why they cannot be merged. */
export const overrideValues = (
  root: YamlNode | undefined,
): { readonly position: Position; readonly values: YamlMap | string } | undefined => {
  const values = valuesNode(entryOf(entryOf(root, 'spec')?.value, 'unsupportedOverrides')?.value)
  return values === undefined ? undefined : { position: values.position, values: mappingOf(textOf(values) ?? '') }
}

/** The first document of the text, or what is wrong with it as an override. */
const mappingOf = (text: string): YamlMap | string => {
  try {
    const root = parseYaml(firstDocument(text), 'values')[0]?.root
    if (root?.kind === 'map') return root
    // A merge patch is a mapping: evanphx/json-patch takes no null for one.
    return root === undefined ? 'the values are empty, comments aside' : `the values are ${describe(root)}, not a mapping`
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return error.message.split('\n')[0]!.replace(/^values:(\d+):\d+:/, 'in line $1 of the values,')
  }
}

const readValues = (text: string): Omit<VeleroOverride, 'position'> => {
  const root = mappingOf(text)
  if (typeof root === 'string') return { problem: root, imagePullSecrets: [] }
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
