import type { Plugin } from '../facts/fact.ts'
import type { CollectContext, Collector } from './collector.ts'

/** What every node finds when it checks for itself. */
export const nodes: Collector<'nodes'> = {
  kind: 'nodes',
  async collect({ world, plugins, configs, progress }) {
    const { nodeRunner, pod } = world
    if (nodeRunner === undefined) return []
    const own = plugins.flatMap(({ imagePullSecret }) => imagePullSecret ?? [])
    const { podSecrets, accountSecrets } = overridden(configs)
    return nodeRunner.run({
      config: configOf(plugins, podSecrets, accountSecrets),
      schema: own.length > 0 ? 'proposal' : 'embedded-cluster',
      secrets: [...new Set([...own, ...podSecrets, ...accountSecrets, ...(pod?.secrets ?? [])])],
      progress,
    })
  },
}

/** Pull secrets that an override of the built-in extension gives to Velero's pod. */
const overridden = (configs: CollectContext['configs']) => ({
  podSecrets: configs.flatMap(({ override }) => override?.imagePullSecrets ?? []),
  accountSecrets: configs.flatMap(({ override }) => override?.accountPullSecrets ?? []),
})

/** As much of the Config as says which images the pod pulls, and with which secrets; the domain of a proxy is in the images already. */
const configOf = (plugins: readonly Plugin[], podSecrets: readonly string[], accountSecrets: readonly string[]): string => {
  const values = {
    ...(podSecrets.length === 0 ? {} : { image: { imagePullSecrets: podSecrets } }),
    ...(accountSecrets.length === 0 ? {} : { serviceAccount: { server: { imagePullSecrets: accountSecrets } } }),
  }
  const override = { builtInExtensions: [{ name: 'velero', values: JSON.stringify(values) }] }
  const entries = plugins.map(({ plugin, image, imagePullSecret, imagePullPolicy }) => ({
    name: plugin,
    image,
    ...(imagePullSecret === undefined ? {} : { imagePullSecret }),
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
  }))
  return JSON.stringify(
    {
      apiVersion: 'embeddedcluster.replicated.com/v1beta1',
      kind: 'Config',
      metadata: { name: 'velero-plugins' },
      spec: {
        extensions: { velero: { plugins: entries } },
        ...(Object.keys(values).length === 0 ? {} : { unsupportedOverrides: override }),
      },
    },
    null,
    2,
  )
}
