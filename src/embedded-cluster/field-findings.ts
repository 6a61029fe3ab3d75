import type { ConfigPlugin, Written } from '../facts/config.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { found, named, quoted } from './finding.ts'
import type { KnownSchema } from './plugins.ts'

const policies = ['Always', 'IfNotPresent', 'Never']

export const policyFindings = (plugin: ConfigPlugin): readonly Finding[] => {
  const { imagePullPolicy: policy } = plugin
  if (policy === undefined || policy.text === '' || policy.text === 'Always' || policy.text === 'IfNotPresent') return []
  if (policy.text === 'Never')
    return [
      found(
        'PLUGIN_PULL_POLICY_NEVER',
        policy.position,
        `${named(plugin)}: with imagePullPolicy Never it starts only on nodes that have the image already. Leave imagePullPolicy out, unless the image is in the air-gap bundle.`,
      ),
    ]
  const meant = policies.find(known => known.toLowerCase() === policy.text.toLowerCase())
  const what = `imagePullPolicy ${quoted(policy.text)} is none of ${policies.join(', ')}, and the API server would refuse the whole Velero Deployment (Embedded Cluster's linter does not notice).`
  return [
    found(
      'PLUGIN_PULL_POLICY',
      policy.position,
      `${named(plugin)}: ${what} ${meant === undefined ? 'Leave it out for IfNotPresent.' : `Write ${meant}.`}`,
    ),
  ]
}

/** Kubernetes 1.34: the name of a Secret is an RFC 1123 subdomain. */
const subdomain = /^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/

export const secretFindings = (plugin: ConfigPlugin, schema: KnownSchema): readonly Finding[] => {
  const { imagePullSecret: secret } = plugin
  if (secret === undefined || schema !== 'proposal' || (subdomain.test(secret.text) && secret.text.length <= 253)) return []
  const what =
    secret.text === '' ? 'imagePullSecret is empty or no text' : `imagePullSecret ${quoted(secret.text)} cannot be the name of a Secret`
  return [
    found(
      'PLUGIN_PULL_SECRET_INVALID',
      secret.position,
      `${named(plugin)}: ${what}. Write the name of one Secret of type kubernetes.io/dockerconfigjson.`,
    ),
  ]
}

export const fieldFindings = (plugin: ConfigPlugin, schema: KnownSchema): readonly Finding[] => {
  const { name, image, imagePullPolicy, imagePullSecret } = plugin
  const fields = Object.entries({ name, image, imagePullPolicy, ...(schema === 'proposal' ? { imagePullSecret } : {}) })
  const written = fields.flatMap(([field, value]) => (value === undefined ? [] : spellingFindings(plugin, field, value)))
  const secret = schema === 'embedded-cluster' && imagePullSecret !== undefined ? [ignoredSecret(plugin, imagePullSecret)] : []
  const ignored = plugin.ignored.map(({ key, position, meant }) => {
    const advice = meant === undefined ? 'Remove it.' : `Was ${meant} meant?`
    return found(
      'PLUGIN_FIELD_IGNORED',
      position,
      `${named(plugin)}: Embedded Cluster knows no field ${quoted(key)} and ignores it. ${advice}`,
    )
  })
  return [...written, ...secret, ...ignored]
}

const spellingFindings = (plugin: ConfigPlugin, field: string, { key, source, text, position }: Written): readonly Finding[] => [
  ...(key === undefined
    ? []
    : [
        found(
          'PLUGIN_FIELD_CASE',
          position,
          `${named(plugin)}: Embedded Cluster reads ${quoted(key)} as ${field}, but the admin console and the API server do not. Write ${field}.`,
        ),
      ]),
  ...(source === undefined
    ? []
    : [
        found(
          'PLUGIN_TEXT_UNQUOTED',
          position,
          `${named(plugin)}: YAML takes ${field} ${printable(source)} for a number or boolean, and Embedded Cluster reads it as ${quoted(text)}. Put it in quotes.`,
        ),
      ]),
]

const ignoredSecret = (plugin: ConfigPlugin, { position, text }: Written): Finding =>
  found(
    'PLUGIN_FIELD_IGNORED',
    position,
    `${named(plugin)}: Embedded Cluster ignores imagePullSecret ${quoted(text)}: nodes pull this image with what Velero's pod has, which is no secret unless an override gives it one. Make the image public, or give the secret with an override of the built-in extension velero (image.imagePullSecrets).`,
  )
