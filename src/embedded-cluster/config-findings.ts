import type { ConfigFact, IgnoredField, VeleroOverride } from '../facts/config.ts'
import type { ConfigSchema } from '../facts.ts'
import type { Finding } from '../outcome.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { configApiVersion } from './config-shape.ts'
import { found, quoted } from './finding.ts'
import { gateFindings } from './gate-findings.ts'
import { imageOf, type KnownSchema, schemaOf } from './plugins.ts'

/** What the schema that was not taken would say. */
const otherSchema: Readonly<Record<KnownSchema, string>> = {
  proposal: '--schema embedded-cluster judges it as Embedded Cluster 2 reads it, which requires names and ignores imagePullSecret.',
  'embedded-cluster': '--schema proposal honours imagePullSecret and needs no names.',
}

/** What can be said of the Configs as a whole; never empty. */
export const configFindings = (configs: readonly ConfigFact[], asked: ConfigSchema): readonly Finding[] => {
  const { schema, why } = schemaOf(configs, asked)
  const findings = [...severalFindings(configs), ...configs.flatMap(config => findingsOf(config, schema))]
  const plugins = configs.flatMap(config => config.plugins)
  const [first] = configs
  if (first === undefined) return findings
  const which = `the schema ${schema} (${why})`
  if (plugins.length === 0)
    return [
      ...findings,
      ...(configs.some(({ gate }) => gate?.off)
        ? []
        : [
            found(
              'NO_PLUGINS',
              first.position,
              'the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.',
            ),
          ]),
    ]
  return [
    ...findings,
    ...(asked === 'auto' ? [found('CONFIG_SCHEMA', first.position, `read with ${which}; ${otherSchema[schema]}`)] : []),
    ...(findings.length > 0
      ? []
      : [found('CONFIG_OK', first.position, `the Config names ${count(plugins.length, 'Velero plugin')}, read with ${which}.`)]),
  ]
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

const severalFindings = (configs: readonly ConfigFact[]): readonly Finding[] => {
  const last = configs.at(-1)
  if (last === undefined || configs.length < 2) return []
  const places = configs.slice(0, 8).map(({ position }) => showPosition(position))
  const what = `there are ${configs.length} Configs, at ${places.join(', ')}. Embedded Cluster takes the last that it meets in the release and drops the others with their plugins. Keep one.`
  return [found('CONFIG_SEVERAL', last.position, what)]
}

const findingsOf = (config: ConfigFact, schema: KnownSchema): readonly Finding[] => [
  ...(schema === 'embedded-cluster' ? versionFindings(config) : []),
  ...gateFindings(config),
  ...config.ignored.map(ignoredField),
  ...config.misspelt.map(({ key, meant, position }) =>
    found(
      'CONFIG_FIELD_CASE',
      position,
      `Embedded Cluster reads ${quoted(key)} as ${meant ?? key.toLowerCase()}, but the admin console and the API server do not. Write ${meant ?? key.toLowerCase()}.`,
    ),
  ),
  ...(config.override === undefined ? [] : overrideFindings(config, config.override)),
]

/** Plugins came with Embedded Cluster 2.13.0; versions `…+ec.N` are those of 1. Some leave the version of Kubernetes out. */
const knowsPlugins = (version: string): boolean => {
  const [, major, minor] = /^v?(\d{1,5})\.(\d{1,5})\.\d+(?:-[\w.]+)?(?:\+k8s-|$)/.exec(version) ?? []
  if (major === undefined) return !/\+ec\.\d/.test(version)
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 13)
}

const versionFindings = ({
  apiVersion,
  found: seen,
  plugins,
  position,
  version,
  claimedBy,
  taken,
  undecodable,
}: ConfigFact): readonly Finding[] => {
  if (apiVersion.text !== configApiVersion)
    return [
      found(
        'CONFIG_API_VERSION',
        apiVersion.position,
        `Embedded Cluster does not read a Config of apiVersion ${quoted(apiVersion.text)}. Write "apiVersion: ${configApiVersion}".`,
      ),
    ]
  const notSeen = `Embedded Cluster searches a release for the texts "apiVersion: ${configApiVersion}" and "kind: Config", and would not find this Config. Write both in YAML, without quotes and with one space.`
  const old = version !== undefined && plugins.length > 0 && !knowsPlugins(version.text)
  return [
    ...(seen ? [] : [found('CONFIG_NOT_SEEN', position, notSeen)]),
    ...(seen && claimedBy !== undefined ? [found('CONFIG_NOT_SEEN', position, claimed(claimedBy))] : []),
    ...(taken === undefined ? [] : [otherTaken(position, taken)]),
    ...(undecodable === undefined ? [] : [otherUndecodable(position, undecodable)]),
    ...(old
      ? [
          found(
            'CONFIG_VERSION_TOO_OLD',
            version.position,
            `Embedded Cluster ${quoted(version.text)} knows no Velero plugins and ignores ${count(plugins.length, 'plugin')}. Take 2.13.0 or later.`,
          ),
        ]
      : []),
  ]
}

const claimed = (text: string): string =>
  `Embedded Cluster searches each document of a release for texts, finds "${text}" in this one first, a comment being enough, and does not take it for its Config. Take those words out of it.`

const otherTaken = (position: ConfigFact['position'], { position: other, kind }: NonNullable<ConfigFact['taken']>): Finding => {
  const what = kind === '' || kind === 'Config' ? 'a document' : `a document of kind ${quoted(kind)}`
  const where = showPosition({ ...other, file: printable(other.file) })
  const why = `Embedded Cluster searches the files of a release for the texts "apiVersion: ${configApiVersion}" and "kind: Config" and takes the last document that has both: ${what} at ${where}, and not this Config.`
  return found(
    'CONFIG_OTHER_TAKEN',
    position,
    `${why} It would install the plugins of that one. Keep those words out of it, or write this Config as they are searched.`,
  )
}

const otherUndecodable = (position: ConfigFact['position'], { position: other, why }: NonNullable<ConfigFact['undecodable']>): Finding => {
  const where = showPosition({ ...other, file: printable(other.file) })
  const message = `Embedded Cluster searches the files of a release for the texts "apiVersion: ${configApiVersion}" and "kind: Config", takes the document at ${where} for a Config too, and cannot decode it, so that the installer does not start: ${printable(why, 300)}. Keep those words out of it.`
  return found('CONFIG_RELEASE_UNDECODABLE', position, message)
}

const ignoredField = ({ path, position, meant }: IgnoredField): Finding =>
  found(
    'CONFIG_FIELD_IGNORED',
    position,
    `Embedded Cluster knows no field ${quoted(path)} and ignores it with all below it. ${meant === undefined ? 'Remove it.' : `Was ${meant} meant?`}`,
  )

const awsPlugin = 'velero-plugin-for-aws'

const overrideFindings = (config: ConfigFact, { position, problem, initContainers }: VeleroOverride): readonly Finding[] => {
  const what = 'the override of the built-in extension velero'
  if (problem !== undefined)
    return [
      found(
        'CONFIG_OVERRIDE_INVALID',
        position,
        `${what} cannot be merged into the Helm values, so that the installation fails: ${printable(problem)}. Correct it.`,
      ),
    ]
  if (initContainers === undefined) return []
  const { plugins } = config
  // Overrides are merged in after the proxy's domain was put in.
  const kept = (plugin: (typeof plugins)[number]) =>
    initContainers.some(
      ({ name, image }) =>
        (plugin.name === undefined || name === plugin.name.text) && [plugin.image?.text, imageOf(config, plugin)].includes(image),
    )
  const dropped = plugins.filter(plugin => !kept(plugin)).map(({ plugin }) => printable(plugin, 63))
  const withAws = initContainers.some(({ name }) => name === awsPlugin)
  const replaces = `${what} sets initContainers, which replace those of Embedded Cluster`
  if (dropped.length > 0) {
    const message = `${replaces}: ${dropped.slice(0, 8).join(', ')} would not be installed${withAws ? '' : `, nor ${awsPlugin}`}. Remove initContainers from the override and name the plugins under spec.extensions.velero.plugins.`
    return [found('CONFIG_OVERRIDE_DROPS_PLUGINS', position, message)]
  }
  if (!withAws) {
    const message = `${replaces}: ${awsPlugin} would not be installed, without which Velero reaches no backup storage. Remove initContainers from the override, and name plugins under spec.extensions.velero.plugins.`
    return [found('CONFIG_OVERRIDE_DROPS_AWS', position, message)]
  }
  const own = initContainers
    .filter(({ name }) => name !== awsPlugin && !plugins.some(plugin => plugin.name?.text === name))
    .map(({ image }) => quoted(image))
  const brought = own.length === 0 ? '' : ` ${own.slice(0, 8).join(', ')} ${own.length === 1 ? 'is' : 'are'} not checked.`
  return [
    found(
      'CONFIG_OVERRIDE_INIT_CONTAINERS',
      position,
      `${replaces}, so that an upgrade of Embedded Cluster brings no newer ${awsPlugin}.${brought} Name plugins under spec.extensions.velero.plugins instead.`,
    ),
  ]
}
