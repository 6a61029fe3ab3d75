import type { CodeDoc, Finding } from '../../outcome.ts'

const pass = (meaning: string) => ({ status: 'pass', meaning }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const
const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const

export type UpgradeCode = keyof typeof upgradeCodes

export const upgradeCodes = {
  UPGRADE_COMPARED: pass('Says with what the new Config was compared.'),
  UPGRADE_NO_PLUGINS: pass('Neither the new Config nor what is there has a plugin.'),
  UPGRADE_UNCHANGED: pass('The plugin has the image that it has now and, where a cluster was read, the bytes too.'),
  UPGRADE_UPDATED: pass('The plugin gets a later version, or another digest of the same one.'),
  UPGRADE_ADDED: pass('The plugin is new: neither installed nor running.'),
  UPGRADE_RENAMED: pass('The plugin had another name, by its repository.'),
  UPGRADE_VELERO: pass('Says which Velero runs, and which one will.'),
  UPGRADE_PULL_TIME: pass('What the nodes still have to pull fits into the time that Helm waits; says what was assumed.'),
  UPGRADE_ORDER_HARMLESS: pass('The init containers come in another order, and no two of the images copy a file of one name.'),
  UPGRADE_UNREAD: fail(
    'What is installed, what runs or what the nodes have could not be read, so that it could not be compared.',
    'See the message and the check cluster; velero-plugin-preflight rbac prints the roles that are needed.',
  ),
  UPGRADE_IMAGE_UNREAD: fail(
    'The image could not be opened, so that neither its bytes nor its size could be compared.',
    'See the message, and the check image.',
  ),
  UPGRADE_NO_CLUSTER: warn(
    'No cluster was read: the Config was compared with a file, and what runs is not known.',
    'Add --from-cluster where the cluster can be reached.',
  ),
  UPGRADE_NOTHING_INSTALLED: warn(
    'The cluster has no Installation of Embedded Cluster, or one without a Config: what was compared is what runs alone.',
    'Give the Config that is installed with --installed; before an install take the spec pre-install.',
  ),
  UPGRADE_NOTHING_RUNS: warn(
    'There is no Deployment velero in the namespace, or no pod of it.',
    'Give the namespace of Velero with -n; where Velero is down, see why before the upgrade.',
  ),
  UPGRADE_REMOVED: warn(
    'A plugin that is installed or runs is not in the new Config: backups that were made with it may not be restorable without.',
    'Keep it in the Config as long as backups need it.',
  ),
  UPGRADE_DOWNGRADED: warn(
    'The plugin gets an earlier version than it has: what the later one wrote the earlier one may not read.',
    'Take the version that is there, or a later one.',
  ),
  UPGRADE_REPLACED: warn(
    'The plugin of this name gets an image of another repository and another name.',
    'Make sure that it reads what the old one wrote.',
  ),
  UPGRADE_VERSIONS_UNKNOWN: warn(
    'Whether the version is a later one cannot be told from the tags.',
    'Tag the images with versions, such as v1.2.3.',
  ),
  UPGRADE_RETAGGED: warn(
    'The tag is the one that runs, but the registry has other bytes under it: which of the two a node runs depends on what it has.',
    'Give the new image a tag of its own, or write the digest into the Config.',
  ),
  UPGRADE_NOT_RUNNING: warn(
    'The installed Config has the plugin, but the Deployment of Velero does not.',
    'See whether an upgrade dropped it; backups since then were made without.',
  ),
  UPGRADE_RUNS_OTHER: warn(
    'The Deployment of Velero has another image for the plugin than the installed Config.',
    'Find out who changed it: the upgrade sets it to that of the new Config.',
  ),
  UPGRADE_RUNNING_UNKNOWN: warn(
    'No pod tells from which bytes it was made, so that they could not be compared.',
    'Run again when the pod of Velero is up, or see why it is not.',
  ),
  UPGRADE_ORDER_CHANGED: warn(
    'The init containers come in another order: where two images copy a file of one name, another one wins than before.',
    'Keep the order, or make sure that the images copy files of different names.',
  ),
  UPGRADE_OVERRIDE: warn(
    'The override of the built-in extension velero sets initContainers, which replace all others; nothing is lost by it now.',
    'Keep the list complete with every change, or name the plugins under spec.extensions.velero.plugins.',
  ),
  UPGRADE_OVERRIDE_DROPS: fail(
    'The override of the built-in extension velero sets initContainers without one that is declared, or that runs.',
    'Remove initContainers from the override, or complete the list.',
  ),
  UPGRADE_CONSOLE_DROPS: warn(
    'An upgrade by the admin console drops spec.extensions.velero: Velero then runs without the plugins.',
    'See the message; look again with this check after the upgrade.',
  ),
  UPGRADE_CONSOLE_DROPPED: warn(
    'An earlier Installation had plugins that the current one has not: an upgrade has dropped them already.',
    'See that they come back with this one; backups since then were made without.',
  ),
  UPGRADE_VELERO_UNKNOWN: warn(
    'Which Velero will run is not known: neither a flag nor spec.version of the new Config tells.',
    'Give --ec-version or --velero-version.',
  ),
  UPGRADE_VELERO_DOWNGRADED: warn(
    'The Velero that will run is an earlier one than the one that runs.',
    'Take the Embedded Cluster that is installed, or a later one.',
  ),
  UPGRADE_FRAMEWORK_NEWER: warn(
    'A plugin was built with the framework of a later Velero than the one that will run.',
    'Build it with the framework of that Velero or an earlier one.',
  ),
  UPGRADE_FRAMEWORK_UNREAD: warn('With which framework the plugin was built could not be read.', 'See the check binaries.'),
  UPGRADE_MATRIX: warn(
    'A plugin of the Velero project is made for another Velero than the one that will run: it loads, but is not tested with it.',
    'Take the version that the message names.',
  ),
  UPGRADE_PULL_SLOW: warn(
    'What a node still has to pull takes longer than Helm waits, by the rate that was assumed: Velero is then rolled back.',
    'Pull the images onto the nodes before, or say with --pull-rate how fast they pull.',
  ),
  UPGRADE_PULL_UNKNOWN: warn('How much the nodes have to pull is not known.', 'See the message.'),
} as const satisfies Record<string, CodeDoc>

export const finding = (code: UpgradeCode, message: string, evidence: readonly string[] = []): Finding => ({
  status: upgradeCodes[code].status,
  code,
  message,
  ...(evidence.length === 0 ? {} : { evidence }),
})
