import type { ConfigFact, ConfigPlugin } from '../facts/config.ts'
import type { Plugin } from '../facts/fact.ts'
import type { ConfigSchema } from '../facts.ts'
import { proposalApiVersion } from './config-shape.ts'
import { proxyDomain } from './license.ts'

/** The init container that Embedded Cluster puts before all plugins (EC 2.19 pkg/addons/velero/static/values.tpl.yaml). */
export const ownPlugin = 'velero-plugin-for-aws'

export type KnownSchema = Exclude<ConfigSchema, 'auto'>

/** Which of the two shapes of plugin the Configs are written in: the proposal's, when a plugin lacks a name or names a secret. */
export const schemaOf = (configs: readonly ConfigFact[], schema: ConfigSchema): { readonly schema: KnownSchema; readonly why: string } => {
  if (schema !== 'auto') return { schema, why: `--schema ${schema}` }
  const plugins = configs.flatMap(config => config.plugins)
  const unnamed = plugins.find(({ name, image }) => (name === undefined || name.text === '') && image !== undefined)
  const secret = plugins.find(({ imagePullSecret }) => imagePullSecret !== undefined)
  if (configs.some(({ apiVersion }) => apiVersion.text === proposalApiVersion))
    return { schema: 'proposal', why: 'its apiVersion has no group' }
  if (unnamed !== undefined) return { schema: 'proposal', why: `plugin ${unnamed.plugin} has no name` }
  if (secret !== undefined) return { schema: 'proposal', why: `plugin ${secret.plugin} names an imagePullSecret` }
  return { schema: 'embedded-cluster', why: 'every plugin has a name and none names an imagePullSecret' }
}

/** The plugins of all Configs as the other checks need them. What Embedded Cluster ignores they do not see. */
export const pluginsOf = (configs: readonly ConfigFact[], schema: ConfigSchema): readonly Plugin[] => {
  const honoursSecret = schemaOf(configs, schema).schema === 'proposal'
  return configs.flatMap(config =>
    config.plugins.map(plugin => {
      const { imagePullSecret: secret, imagePullPolicy: policy } = plugin
      return {
        plugin: plugin.plugin,
        image: imageOf(config, plugin),
        ...(honoursSecret && secret !== undefined && secret.text !== '' ? { imagePullSecret: secret.text } : {}),
        ...(policy === undefined || policy.text === '' ? {} : { imagePullPolicy: policy.text }),
      }
    }),
  )
}

/**
 * Embedded Cluster replaces the proxy's name by the vendor's own domain wherever it stands in Velero's values
 * (pkg/addons/velero/values.go).
 */
const withDomain = (image: string, domain: string): string => (domain === '' ? image : image.replaceAll(proxyDomain, () => domain))

/** What the node will be asked to pull: empty when no image is written. */
export const imageOf = (config: ConfigFact, { image }: ConfigPlugin): string => withDomain(image?.text ?? '', proxyDomainOf(config))

/** The Config's own, else the release's (EC 2.19 pkg-new/domains/domains.go); empty: none takes the place of the proxy's name. */
export const proxyDomainOf = ({ proxyRegistryDomain, release }: ConfigFact): string =>
  proxyRegistryDomain?.text || (release?.proxyRegistryDomain ?? '')

/** As an upgrade reads them, to which the release's domain is not known. */
export const withoutReleaseDomain = (configs: readonly ConfigFact[]): readonly ConfigFact[] =>
  configs.map(config => {
    if (config.release === undefined) return config
    const { proxyRegistryDomain: _, ...release } = config.release
    return { ...config, release }
  })
