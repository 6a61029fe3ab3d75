import type { CodeDoc } from '../outcome.ts'

/** Every code of the check `config`: the rows of docs/errors.md. */
export const configCodes = {
  CONFIG_OK: { status: 'pass', meaning: 'The Config as a whole is in order.' },
  NO_PLUGINS: { status: 'pass', meaning: 'The Config names no Velero plugin: Embedded Cluster goes on without one.' },
  CONFIG_PLUGINS_OFF: {
    status: 'pass',
    meaning: 'With `--stage beta` the Config switches its plugins off (`spec.extensions.velero.pluginsEnabled: false`): nothing to check.',
  },
  CONFIG_PLUGINS_IGNORED: {
    status: 'warn',
    meaning: 'With `--stage alpha` plugins are ignored unless VELERO_PLUGINS_ENABLED is `true` in the environment: nothing was checked.',
    remedy: 'Set VELERO_PLUGINS_ENABLED=true, or remove the plugins.',
  },
  CONFIG_PLUGINS_SWITCH: {
    status: 'warn',
    meaning:
      'spec.extensions.velero.pluginsEnabled stands in a Config where it switches nothing: plugins are used (or not) whatever it says.',
    remedy: 'Remove it; to go without a plugin, remove the plugin.',
  },
  CONFIG_PLUGINS_SWITCH_INVALID: {
    status: 'fail',
    meaning: 'With `--stage beta`: spec.extensions.velero.pluginsEnabled is neither true nor false.',
    remedy: 'Write true or false.',
  },
  CONFIG_SCHEMA: { status: 'pass', meaning: 'Says which of the two shapes of plugin `--schema auto` took, and why.' },
  CONFIG_SEVERAL: {
    status: 'fail',
    meaning: 'There are several Configs: Embedded Cluster takes one of them and drops the others without a word.',
    remedy: 'Keep one.',
  },
  CONFIG_API_VERSION: {
    status: 'fail',
    meaning:
      'The apiVersion is one that Embedded Cluster does not read: the `v1beta1` without a group of the proposal, or `embeddedcluster.replicated.com/v1`.',
    remedy: 'Write `apiVersion: embeddedcluster.replicated.com/v1beta1`; `convert --to v1beta1` does so.',
  },
  CONFIG_VERSION_TOO_OLD: {
    status: 'fail',
    meaning: 'spec.version is an Embedded Cluster that knows no Velero plugins and ignores them.',
    remedy: 'Take Embedded Cluster 2.13.0 or later.',
  },
  CONFIG_NOT_SEEN: {
    status: 'warn',
    meaning: 'Embedded Cluster searches a release for `apiVersion: …` and `kind: Config` as plain text, and would not find this Config.',
    remedy: 'Write both lines in YAML, without quotes.',
  },
  CONFIG_RELEASE_UNDECODABLE: {
    status: 'fail',
    meaning:
      'Embedded Cluster finds its Config by searching for text, takes another document of the release for one too, and cannot decode it: the installer does not start.',
    remedy: 'Keep the two lines that it searches for out of that document.',
  },
  CONFIG_OTHER_TAKEN: {
    status: 'warn',
    meaning: 'Embedded Cluster finds its Config by searching for text, and takes another document of the release for it.',
    remedy: 'Keep the two lines that it searches for out of that document.',
  },
  CONFIG_FIELD_IGNORED: {
    status: 'warn',
    meaning: 'A field on the way to the plugins is unknown to Embedded Cluster, which ignores it and all below it.',
    remedy: 'Correct its name or remove it.',
  },
  CONFIG_FIELD_CASE: {
    status: 'warn',
    meaning: 'A field differs in upper and lower case: Embedded Cluster reads it, the admin console and the API server do not.',
    remedy: 'Write it as the message says.',
  },
  CONFIG_OVERRIDE_INVALID: {
    status: 'fail',
    meaning: 'The values that override the built-in extension velero are not a YAML mapping: the installation fails on them.',
    remedy: 'Correct the values.',
  },
  CONFIG_OVERRIDE_DROPS_PLUGINS: {
    status: 'fail',
    meaning: 'The override of the built-in extension velero sets initContainers, which replace the plugins.',
    remedy: 'Remove initContainers from the override.',
  },
  CONFIG_OVERRIDE_DROPS_AWS: {
    status: 'fail',
    meaning: "The override of the built-in extension velero sets initContainers without velero-plugin-for-aws, Embedded Cluster's own.",
    remedy: 'Remove initContainers from the override.',
  },
  CONFIG_OVERRIDE_INIT_CONTAINERS: {
    status: 'warn',
    meaning: 'The override of the built-in extension velero sets initContainers: no check looks at those that it adds.',
    remedy: 'Name their images under spec.extensions.velero.plugins instead.',
  },
  PLUGIN_OK: { status: 'pass', meaning: 'The plugin is written as Embedded Cluster and Kubernetes require.' },
  PLUGIN_NAME_MISSING: { status: 'fail', meaning: 'The plugin has no name (schema embedded-cluster).', remedy: 'Give it one.' },
  PLUGIN_NAME_INVALID: {
    status: 'fail',
    meaning: "The name is not a container's name: the API server refuses the whole Velero Deployment.",
    remedy: 'Take at most 63 of a–z, 0–9 and -, with a letter or digit at both ends.',
  },
  PLUGIN_NAME_CLASH: {
    status: 'fail',
    meaning: 'The name is that of a container which Embedded Cluster itself puts into the pod.',
    remedy: 'Take another name.',
  },
  PLUGIN_NAME_DUPLICATE: { status: 'fail', meaning: 'Another plugin has the same name.', remedy: 'Rename one of the two.' },
  PLUGIN_IMAGE_MISSING: { status: 'fail', meaning: 'The plugin has no image.', remedy: 'Give it one.' },
  PLUGIN_IMAGE_INVALID: {
    status: 'fail',
    meaning: 'The image is not an image reference that a node takes.',
    remedy: 'Write registry/repository:tag or registry/repository@sha256:….',
  },
  PLUGIN_IMAGE_LOCAL: {
    status: 'fail',
    meaning: 'The image is a folder or archive (`oci:`, `oci-archive:`, `docker-archive:`), which no node can pull.',
    remedy: 'Write the reference in a registry; `--image` checks a folder or archive before it is pushed.',
  },
  PLUGIN_IMAGE_DUPLICATE: { status: 'fail', meaning: 'Another plugin has the same image.', remedy: 'Remove one of the two.' },
  PLUGIN_IMAGE_SAME: {
    status: 'warn',
    meaning: 'Another plugin has the same image under another spelling.',
    remedy: 'Remove one of the two.',
  },
  PLUGIN_IMAGE_UNTAGGED: {
    status: 'warn',
    meaning: 'The image has neither tag nor digest: whatever `latest` is at the time is pulled.',
    remedy: 'Name a version, best with its digest.',
  },
  PLUGIN_IMAGE_LATEST: {
    status: 'warn',
    meaning: 'The tag is `latest`, which is another image tomorrow.',
    remedy: 'Name a version, best with its digest.',
  },
  PLUGIN_PULL_POLICY: {
    status: 'fail',
    meaning: 'imagePullPolicy is none of Always, IfNotPresent and Never.',
    remedy: 'Take one of them, or leave it out for IfNotPresent.',
  },
  PLUGIN_PULL_POLICY_NEVER: {
    status: 'warn',
    meaning: 'imagePullPolicy is Never: on a node that does not have the image already, the plugin cannot start.',
    remedy: 'Leave it out, unless the image is in the air-gap bundle.',
  },
  PLUGIN_PULL_SECRET_INVALID: {
    status: 'fail',
    meaning: 'imagePullSecret is not the name of a Secret (schema proposal).',
    remedy: 'Write the name of one Secret, as a text.',
  },
  PLUGIN_FIELD_IGNORED: {
    status: 'warn',
    meaning: 'Embedded Cluster ignores a field of the plugin.',
    remedy: 'Correct its name or remove it; for a pull secret see docs/checks/pull-secret.md.',
  },
  PLUGIN_FIELD_CASE: {
    status: 'warn',
    meaning: 'A field differs in upper and lower case: Embedded Cluster reads it, the admin console and the API server do not.',
    remedy: 'Write it as the message says.',
  },
  PLUGIN_TEXT_UNQUOTED: {
    status: 'warn',
    meaning: 'YAML reads the value as a number or boolean, and Embedded Cluster makes another text of that.',
    remedy: 'Put it in quotes.',
  },
} as const satisfies Readonly<Record<string, CodeDoc>>

export type ConfigCode = keyof typeof configCodes
