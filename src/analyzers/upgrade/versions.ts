import type { BinariesFact } from '../../facts/binaries.ts'
import type { ContainerFact } from '../../kubernetes/objects.ts'
import { referenceOf } from '../../oci/node-image.ts'
import { nameOf } from '../../oci/reference.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { isNewer, parseVersion } from '../../velero/framework.ts'
import { officialPlugin, pluginForVelero, veleroOfPlugin } from '../../velero/official-plugins.ts'
import { compareTags } from '../../velero/tag-version.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'

/** Of the server, for all plugins. */
export const veleroFindings = ({ velero, veleroNow }: Situation): readonly Finding[] => {
  const now = veleroNow === undefined ? '' : ` (${printable(veleroNow, 40)} is there now)`
  if (velero === undefined)
    return [
      finding(
        'UPGRADE_VELERO_UNKNOWN',
        `which Velero the upgrade brings is not known${now}: spec.version of the new Config names no Embedded Cluster 2 whose Velero is known. Give --ec-version or --velero-version; without, no plugin was compared with it.`,
      ),
    ]
  const to = printable(velero, 40)
  if (veleroNow !== undefined && (compareTags(veleroNow, velero) ?? 0) > 0)
    return [
      finding(
        'UPGRADE_VELERO_DOWNGRADED',
        `Velero ${printable(veleroNow, 40)} is there, and the upgrade brings ${to}, an earlier one: plugins and backups of the later one may not be understood. Take an Embedded Cluster with ${printable(veleroNow, 40)} or later.`,
      ),
    ]
  const change =
    veleroNow === undefined
      ? 'which one is there now is not known'
      : veleroNow === velero
        ? 'as now'
        : `${printable(veleroNow, 40)} until now`
  return [finding('UPGRADE_VELERO', `the upgrade runs the plugins with Velero ${to}; ${change}.`)]
}

/** Of one plugin: what it was built with, on any platform, and what it is made for. */
export const fitFindings = (plugin: ContainerFact, facts: readonly BinariesFact[], situation: Situation): readonly Finding[] => {
  const { velero, veleroNow } = situation
  if (velero === undefined) return []
  const name = printable(plugin.name)
  const unread = facts.length === 0 || facts.some(({ ok }) => !ok)
  const newer = [...new Set(facts.flatMap(frameworksOf))].filter(version => isNewer(version, velero) === true)
  const now = veleroNow === undefined ? '' : `, ${printable(veleroNow, 40)} until now`
  return [
    ...(newer.length === 0
      ? []
      : [
          finding(
            'UPGRADE_FRAMEWORK_NEWER',
            `${name}: it was built with the framework of Velero ${newer.map(version => printable(version, 60)).join(', ')}, and the upgrade brings Velero ${printable(velero, 40)}${now}. If it registers a kind that this server does not know, the server ends at its start. Build it with the framework of ${printable(velero, 40)} or earlier.`,
          ),
        ]),
    ...(unread
      ? [
          finding(
            'UPGRADE_FRAMEWORK_UNREAD',
            `${name}: with which framework it was built could not be read, so that it was not compared with Velero ${printable(velero, 40)}. See the check binaries.`,
          ),
        ]
      : []),
    ...matrixFindings(plugin, situation),
  ]
}

const frameworksOf = (fact: BinariesFact): readonly string[] =>
  fact.ok ? fact.files.flatMap(({ runs, file }) => (runs && file?.go?.framework ? [file.go.framework.version] : [])) : []

/** Also of init containers that come from an override, of which nothing else is known. */
export const matrixFindings = ({ name, image }: ContainerFact, { velero }: Situation): readonly Finding[] => {
  const reference = referenceOf(image)
  const official = reference && officialPlugin(nameOf(reference))
  if (reference === undefined || official === undefined || velero === undefined) return []
  const { tag = '' } = reference
  const [made, needed] = [veleroOfPlugin(tag), pluginForVelero(velero)]
  const [server, plugin] = [parseVersion(velero), made === undefined ? undefined : parseVersion(made)]
  const take = needed === undefined ? '' : ` Take ${official} ${needed}.`
  if (plugin === undefined || server === undefined) {
    const what = `${printable(name)}: for which Velero ${printable(image, 300)} is made cannot be told from its tag.${take || ' Take the one that its README names for your Velero.'}`
    return [finding('UPGRADE_MATRIX', what)]
  }
  if (plugin.major === server.major && plugin.minor === server.minor) return []
  return [
    finding(
      'UPGRADE_MATRIX',
      `${printable(name)}: ${official} ${printable(tag, 130)} is made for Velero ${made}, and the upgrade brings ${printable(velero, 40)}: the two are not tested together.${take}`,
    ),
  ]
}
