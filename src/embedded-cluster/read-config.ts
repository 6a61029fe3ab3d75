import type { ConfigFact, ConfigPlugin, IgnoredField, Written } from '../facts/config.ts'
import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import { errorAt, textOf, type YamlDocument, type YamlMap, type YamlNode } from '../yaml-source.ts'
import { configShape, knownFields, pluginFields, pluginsSwitch } from './config-shape.ts'
import { deriveName } from './plugin-names.ts'
import { claimedBy, isSeen } from './release-choice.ts'
import { entryOf, fold, isNull, requireShape } from './shape.ts'
import { readOverride } from './velero-override.ts'
import { withoutLogin } from './without-login.ts'

/** Every one is an init container of one pod, and its image is looked at. */
const maxPlugins = 1000

/** @throws PreflightError CONFIG_INVALID where Embedded Cluster could not decode it */
export const readConfig = ({ root, source, position, text }: YamlDocument): ConfigFact => {
  if (root === undefined) throw new TypeError('an empty document is no Config')
  requireShape(root, configShape, '', source)
  const spec = fieldOf(root, 'spec')
  const velero = fieldOf(fieldOf(spec, 'extensions'), 'velero')
  const plugins = fieldOf(velero, 'plugins')
  if (plugins?.kind === 'list' && plugins.items.length > maxPlugins)
    throw errorAt(
      source,
      'CONFIG_INVALID',
      plugins.position,
      `${plugins.items.length} plugins: more than ${maxPlugins} cannot be init containers of one pod`,
    )
  const version = written(spec, 'version')
  const proxyRegistryDomain = written(fieldOf(spec, 'domains'), 'proxyRegistryDomain')
  const pluginsEnabled = written(velero, pluginsSwitch)
  const override = readOverride(fieldOf(spec, 'unsupportedOverrides'))
  const strangers = strangersIn(root)
  const claim = claimedBy(text)
  return {
    ok: true,
    position: root.kind === 'map' ? root.position : position,
    apiVersion: written(root, 'apiVersion') ?? { text: '', position },
    found: isSeen(text),
    ...(claim === undefined ? {} : { claimedBy: claim }),
    ...(version === undefined ? {} : { version }),
    ...(proxyRegistryDomain === undefined ? {} : { proxyRegistryDomain }),
    ...(pluginsEnabled === undefined ? {} : { pluginsEnabled }),
    plugins: plugins?.kind === 'list' ? plugins.items.map(readPlugin) : [],
    ignored: strangers.filter(({ misspelt }) => !misspelt).map(({ field }) => field),
    misspelt: strangers.filter(({ misspelt }) => misspelt).map(({ field }) => field),
    ...(override === undefined ? {} : { override }),
  }
}

const fieldOf = (map: YamlNode | undefined, field: string): YamlNode | undefined => entryOf(map, field)?.value

const written = (map: YamlNode | undefined, field: string): Written | undefined => {
  const entry = entryOf(map, field)
  if (entry === undefined || isNull(entry.value)) return undefined
  const { value, key } = entry
  const text = withoutLogin(textOf(value) ?? '')
  const source = value.kind === 'scalar' && typeof value.value !== 'string' && value.text !== text ? withoutLogin(value.text) : undefined
  return { text, ...(source === undefined ? {} : { source }), ...(key === field ? {} : { key }), position: value.position }
}

const readPlugin = (node: YamlNode, index: number): ConfigPlugin => {
  const [name, image, imagePullPolicy] = pluginFields.map(field => written(node, field))
  const imagePullSecret = written(node, 'imagePullSecret')
  const known = [...pluginFields, 'imagePullSecret']
  const strangers =
    node.kind === 'map' ? [...node.entries.values()].filter(({ key }) => !known.some(field => fold(field) === fold(key))) : []
  return {
    plugin: name?.text || deriveName(image?.text ?? '') || `plugins[${index}]`,
    index,
    position: node.position,
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    ...(imagePullSecret === undefined ? {} : { imagePullSecret }),
    ignored: strangers.map(({ key, keyPosition }) => stranger(`spec.extensions.velero.plugins[${index}]`, key, keyPosition, known)),
  }
}

const stranger = (path: string, key: string, position: Written['position'], known: readonly string[]): IgnoredField => {
  const meant = suggest(key, known)
  return {
    path: `${path === '' ? '' : `${path}.`}${printable(key, 60)}`,
    key: printable(key, 60),
    position,
    ...(meant === undefined ? {} : { meant }),
  }
}

/** What someone writes a level too high, or by another name. */
const misplaced = (key: string): string | undefined => {
  if (key === 'velero') return 'spec.extensions.velero'
  if (key === 'extensions') return 'spec.extensions'
  return /velero|plugin/i.test(key) ? 'spec.extensions.velero.plugins' : undefined
}

/** Unknown fields on the way to the plugins: all beside `plugins`, above only those that look like one that leads there. */
const strangersIn = (root: YamlNode): readonly { readonly field: IgnoredField; readonly misspelt: boolean }[] =>
  Object.entries(knownFields).flatMap(([path, known]) => {
    const map = path === '' ? root : path.split('.').reduce<YamlNode | undefined>(fieldOf, root)
    return map?.kind === 'map' ? strangersOf(map, path, known) : []
  })

const strangersOf = (map: YamlMap, path: string, known: readonly string[]) =>
  [...map.entries.values()]
    .filter(({ key }) => !known.includes(key) && !(path === 'spec.extensions.velero' && key === pluginsSwitch))
    .flatMap(({ key, keyPosition }) => {
      const field = stranger(path, key, keyPosition, known)
      const misspelt = known.some(name => fold(name) === fold(key))
      const meant = field.meant ?? misplaced(key)
      if (!misspelt && meant === undefined && path !== 'spec.extensions.velero') return []
      return [{ field: meant === undefined ? field : { ...field, meant }, misspelt }]
    })
