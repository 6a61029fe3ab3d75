import type { ConfigPlugin } from '../facts/config.ts'
import type { Finding } from '../outcome.ts'
import { found, named, quoted } from './finding.ts'
import { deriveName } from './plugin-names.ts'
import { type KnownSchema, ownPlugin } from './plugins.ts'

/** Kubernetes 1.34 pkg/apis/core/validation, validateContainerCommon: an RFC 1123 label. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
export const containersOfEmbeddedCluster: readonly string[] = ['velero', ownPlugin]

export const nameFindings = (plugin: ConfigPlugin, schema: KnownSchema): readonly Finding[] => {
  const { name, image, position } = plugin
  const derived = deriveName(image?.text ?? '')
  if (name === undefined || name.text === '') {
    const add = derived === '' ? 'Give it a name, which becomes that of its init container.' : `Add "name: ${derived}".`
    return schema === 'proposal'
      ? []
      : [found('PLUGIN_NAME_MISSING', name?.position ?? position, `${named(plugin)} has no name, which Embedded Cluster requires. ${add}`)]
  }
  if (!label.test(name.text)) return [found('PLUGIN_NAME_INVALID', name.position, invalidName(plugin, name.text))]
  if (!containersOfEmbeddedCluster.includes(name.text)) return []
  const what = `${quoted(name.text)} is the name of a container that Embedded Cluster itself puts into Velero's pod, and the API server refuses two of one name (Embedded Cluster's linter does not notice). Take another name.`
  return [found('PLUGIN_NAME_CLASH', name.position, `${named(plugin)}: ${what}`)]
}

const invalidName = (plugin: ConfigPlugin, name: string): string => {
  const suggestion = deriveName(name.replaceAll(/[/:@]/g, '-'))
  const example = suggestion === '' ? '' : `, for example ${suggestion}`
  const length = name.length > 63 ? ` (it has ${name.length} characters)` : ''
  return `${named(plugin)}: ${quoted(name)} cannot name a container${length}: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends. The API server would refuse the whole Velero Deployment (Embedded Cluster's linter does not notice). Rename it${example}.`
}
