import { parseVersion } from './framework.ts'

/** The object store plugins of the Velero project, whose minor versions go with those of Velero (README of velero-plugin-for-aws 1.14). */
const withVelero = new Set(['velero-plugin-for-aws', 'velero-plugin-for-gcp', 'velero-plugin-for-microsoft-azure'])

/** 1.7 is for Velero 1.11, 1.14 for 1.18. */
const minorsBehind = 4
const firstMinor = 7

/** The name of the plugin when `repository` (`domain/path`) is that of one whose versions go with Velero's, in whatever registry it is. */
export const officialPlugin = (repository: string): string | undefined => {
  const name = repository.split('/').at(-1) ?? ''
  return withVelero.has(name) ? name : undefined
}

/**
 * For which Velero an official plugin of this version is made.
 * @returns `1.18`; undefined when the version says nothing, or is from before the rule
 */
export const veleroOfPlugin = (version: string): string | undefined => {
  const parsed = parseVersion(version)
  if (parsed === undefined || parsed.major !== 1 || parsed.minor < firstMinor) return undefined
  return `1.${parsed.minor + minorsBehind}`
}

/** The version of an official plugin that a Velero needs: `1.14` for `1.18.2`. */
export const pluginForVelero = (velero: string): string | undefined => {
  const parsed = parseVersion(velero)
  if (parsed === undefined || parsed.major !== 1 || parsed.minor < firstMinor + minorsBehind) return undefined
  return `1.${parsed.minor - minorsBehind}`
}
