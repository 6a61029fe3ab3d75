import type { GoModule, GoModules } from '../oci/go-modules.ts'

/** The paths under which Velero's plugin framework was and is published. */
const frameworkPaths = new Set([
  'github.com/vmware-tanzu/velero',
  'github.com/velero-io/velero',
  'github.com/heptio/velero',
  'github.com/heptio/ark',
])
const goPluginPath = 'github.com/hashicorp/go-plugin'

/** What a Go binary is built from, as far as Velero is concerned. */
export interface PluginModules {
  readonly framework?: GoModule
  /** Version of hashicorp/go-plugin, by which Velero talks to plugins. */
  readonly goPlugin?: string
}

export const pluginModules = ({ dependencies, main }: GoModules): PluginModules => {
  const all = main === undefined ? dependencies : [...dependencies, main]
  const framework = all.find(({ path }) => frameworkPaths.has(path))
  const goPlugin = dependencies.find(({ path }) => path === goPluginPath)
  return {
    ...(framework === undefined ? {} : { framework }),
    ...(goPlugin === undefined ? {} : { goPlugin: goPlugin.version }),
  }
}

/** Protocol 1, which no Velero since 1.0 speaks: Ark, and Velero before 1.0. */
export const isProtocol1 = ({ path, version }: { readonly path: string; readonly version: string }): boolean =>
  path === 'github.com/heptio/ark' || (path === 'github.com/heptio/velero' && parseVersion(version)?.major === 0)

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** `v1.18.2`, with or without `v`, with or without what follows the numbers; undefined when it says nothing. */
export const parseVersion = (text: string): Version | undefined => {
  const [, major, minor, patch] = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-+].*)?$/.exec(text) ?? []
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) }
}

/** A commit without a tag before it: `v0.0.0-20250101000000-abcdef012345`. */
const isPseudo = (version: string): boolean => /^v0\.0\.0-\d{14}-[0-9a-f]{12}$/.test(version)

/** Whether the framework is of a later minor version than the server; undefined when a version does not say. */
export const isNewer = (framework: string, server: string): boolean | undefined => {
  const [plugin, velero] = [parseVersion(framework), parseVersion(server)]
  if (plugin === undefined || velero === undefined || isPseudo(framework)) return undefined
  return plugin.major !== velero.major ? plugin.major > velero.major : plugin.minor > velero.minor
}

/** The plugin for CSI is part of the server since 1.14, and a second one kills it (velero 1.14 release notes). */
export const csiModule = 'github.com/vmware-tanzu/velero-plugin-for-csi'
export const csiBuiltInSince: Version = { major: 1, minor: 14, patch: 0 }
