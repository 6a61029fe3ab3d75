import { PreflightError } from '../errors.ts'
import type { ConfigFact, ConfigPlugin } from '../facts/config.ts'
import { fullReference } from '../oci/reference.ts'
import type { Finding } from '../outcome.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { found, named, quoted } from './finding.ts'
import { referenceOf } from './image-findings.ts'
import { lintPlugins } from './lint.ts'
import { imageOf, type KnownSchema } from './plugins.ts'
import { containerNames } from './values/container-names.ts'

/** As Embedded Cluster's linter counts them, names being derived where the proposal's schema derives them; and one image spelt in two ways. */
export const duplicateFindings = (config: ConfigFact, schema: KnownSchema): readonly (readonly [index: number, finding: Finding])[] => {
  const { plugins } = config
  const names = containerNames(plugins, schema)
  const twice = lintPlugins(plugins.map(({ image }, index) => ({ name: names[index] ?? '', image: image?.text ?? '' }))).flatMap(error =>
    error.rule === 'duplicate'
      ? [[error.index, duplicateFinding(plugins[error.index]!, error.field, error.text, plugins[error.first]!)] as const]
      : [],
  )
  return [...twice, ...sameImageFindings(config)]
}

const duplicateFinding = (plugin: ConfigPlugin, field: 'name' | 'image', text: string, first: ConfigPlugin): Finding => {
  const place = `${printable(first.plugin)} at ${showPosition((first[field] ?? first).position)}`
  const { position } = plugin[field] ?? plugin
  return field === 'name'
    ? found(
        'PLUGIN_NAME_DUPLICATE',
        position,
        `${named(plugin)}: the name ${quoted(text)} is already that of plugin ${place}. A pod cannot have two containers of one name: rename one of them.`,
      )
    : found(
        'PLUGIN_IMAGE_DUPLICATE',
        position,
        `${named(plugin)}: the image ${quoted(text)} is already that of plugin ${place}, and Embedded Cluster's linter refuses it. Remove one of them.`,
      )
}

const sameImageFindings = (config: ConfigFact): readonly (readonly [index: number, finding: Finding])[] => {
  const seen = new Map<string, ConfigPlugin>()
  return config.plugins.flatMap((plugin, index) => {
    const reference = referenceOf(imageOf(config, plugin))
    if (reference instanceof PreflightError || plugin.image === undefined) return []
    const full = fullReference(reference)
    const first = seen.get(full)
    if (first === undefined) seen.set(full, plugin)
    if (first?.image === undefined || first.image.text === plugin.image.text) return []
    const what = `${quoted(plugin.image.text)} and ${quoted(first.image.text)} of plugin ${printable(first.plugin)} are the same image, ${full}. Remove one of them.`
    return [[index, found('PLUGIN_IMAGE_SAME', plugin.image.position, `${named(plugin)}: ${what}`)] as const]
  })
}
