import type { CallFact, ClusterFact } from '../../facts/cluster.ts'
import type { Failure } from '../../facts/fact.ts'
import { calls, resourceOf } from '../../kubernetes/calls.ts'
import { nodePlatforms } from '../../kubernetes/platforms.ts'
import { rolesFor } from '../../kubernetes/roles.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { reason } from '../analyzer.ts'
import { type ClusterCode, clusterCodes } from './codes.ts'

const finding = (code: ClusterCode, message: string, evidence: readonly string[] = []): Finding => ({
  status: clusterCodes[code].status,
  code,
  message,
  ...(evidence.length === 0 ? {} : { evidence }),
})

type Refused = CallFact & Failure

/** What is to be said of the cluster, fails first. */
export const clusterFindings = (fact: ClusterFact, required: readonly string[]): readonly Finding[] => {
  const refused = fact.calls.filter((call): call is Refused => !call.ok)
  const forbidden = refused.filter(({ code }) => code === 'CLUSTER_FORBIDDEN')
  return [
    ...forbiddenFindings(forbidden),
    ...failedFindings(refused.filter(one => !forbidden.includes(one) && one.code !== 'BUNDLE_LACKS')),
    ...lackingFindings(fact, refused),
    ...redactedFindings(fact),
    ...(refused.length === 0 ? [finding('CLUSTER_READ', `${clusterName(fact)} was read.`, contents(fact))] : []),
    ...platformFindings(fact, required),
    ...(fact.installation?.disasterRecovery === false ? [noDisasterRecovery(fact.installation.name)] : []),
    ...(fact.unverified ? [unverified(fact)] : []),
    ...(fact.secretsFromFiles.length === 0 ? [] : [fromFiles(fact)]),
  ]
}

const clusterName = ({ context, server, bundle }: ClusterFact): string =>
  bundle === undefined ? `the cluster ${printable(context, 80)} (${printable(server)})` : `the support bundle ${printable(bundle)}`

/** One for each kind of call: Secrets are asked for one by one. */
const forbiddenFindings = (forbidden: readonly Refused[]): readonly Finding[] =>
  [...new Set(forbidden.map(({ call }) => call))].map(kind => {
    const same = forbidden.filter(({ call }) => call === kind)
    const names = same.flatMap(({ name }) => (name === undefined ? [] : [printable(name)]))
    const { verb, group, tells } = calls[kind]
    const resource = resourceOf(kind)
    const namespace = same[0]?.namespace
    const what = `${verb} ${resource}${group === '' ? '' : ` of the API group ${group}`}${names.length === 0 ? '' : ` (${names.join(', ')})`}`
    const where = namespace === undefined ? 'in the cluster as a whole' : `in the namespace ${printable(namespace)}`
    const instead = kind === 'nodes' ? ' Or give the platforms with --platform: then the nodes are not asked.' : ''
    return finding(
      'CLUSTER_CALL_FORBIDDEN',
      `RBAC does not allow this login to ${what} ${where}, so that it is not known ${tells}. Give it this role, or all that velero-plugin-preflight rbac prints.${instead}`,
      [printable(same[0]?.message ?? '', 400), `the role that would do:\n${rolesFor(same).trimEnd()}`],
    )
  })

/** One for each kind of failure: what cannot be reached is told once. */
const failedFindings = (failed: readonly Refused[]): readonly Finding[] =>
  [...new Set(failed.map(({ code }) => code))].map(code => {
    const same = failed.filter(one => one.code === code)
    const unknown = [...new Set(same.map(({ call }) => calls[call].tells))].join('; ')
    return finding('CLUSTER_CALL_FAILED', `${reason(same[0]!)} So it is not known ${unknown}.`, [
      ...new Set(same.map(one => printable(one.message, 400))),
    ])
  })

/** One for all that nobody put into the bundle. */
const lackingFindings = (fact: ClusterFact, refused: readonly Refused[]): readonly Finding[] => {
  const lacking = refused.filter(({ code }) => code === 'BUNDLE_LACKS')
  if (lacking.length === 0) return []
  const unknown = [...new Set(lacking.map(({ call }) => calls[call].tells))].join('; ')
  const told = lacking.map(({ message, hint = '' }) => printable(`${message} ${hint}`.trim(), 600))
  return [finding('CLUSTER_NOT_IN_BUNDLE', `${clusterName(fact)} does not tell ${unknown}. ${told[0]}`, [...new Set(told)].slice(1))]
}

const redactedFindings = (fact: ClusterFact): readonly Finding[] =>
  fact.redacted === undefined
    ? []
    : [
        finding(
          'CLUSTER_REDACTED',
          `in ${clusterName(fact)} the redaction of troubleshoot has destroyed what is judged here: ${fact.redacted.map(at => printable(at)).join(', ')}. What the checks say of it may be wrong. Give the Config with --config, or collect with fewer redactors.`,
        ),
      ]

const contents = (fact: ClusterFact): readonly string[] => {
  const { deployment, serviceAccountPullSecrets: account, installation, namespace, nodes, calls: asked } = fact
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.map(name => printable(name, 80)).join(', '))
  const state = installation?.state === undefined ? '' : `, state ${printable(installation.state, 40)}`
  const secrets = asked.filter(({ call }) => call === 'pullSecret')
  return [
    ...(nodes ?? []).slice(0, 20).map(node => {
      const platform = node.platform === undefined ? 'platform not told yet' : printable(node.platform, 60)
      return `node ${printable(node.name, 80)}: ${platform}, ${node.ready ? 'ready' : 'not ready'}`
    }),
    ...(nodes !== undefined && nodes.length > 20 ? [`and ${nodes.length - 20} more nodes`] : []),
    installation === undefined ? 'no Installation of Embedded Cluster' : `Installation ${printable(installation.name, 80)}${state}`,
    ...(deployment === undefined
      ? [
          `no Deployment velero in the namespace ${printable(namespace)}: whether a pull secret reaches the pod is not to be seen before an install`,
        ]
      : [
          `Deployment velero in the namespace ${printable(namespace)}, pull secrets of its pod: ${list(deployment.imagePullSecrets)}`,
          `service account ${printable(deployment.serviceAccount, 80)}, its pull secrets: ${list(account ?? [])}`,
        ]),
    ...secrets.map(one => `Secret ${printable(`${one.namespace}/${one.name}`)}: ${one.ok && one.found ? 'there' : 'not there'}`),
  ]
}

const platformFindings = ({ nodes, calls: asked }: ClusterFact, required: readonly string[]): readonly Finding[] => {
  if (!asked.some(({ call }) => call === 'nodes'))
    return [
      finding('CLUSTER_PLATFORMS', `the required platforms are those of --platform: ${required.join(', ')}. The nodes were not asked.`),
    ]
  // That they could not be asked is a fail already.
  if (nodes === undefined) return []
  const platforms = nodePlatforms(nodes)
  if (platforms.length === 0) {
    const there = nodes.length === 0 ? 'the cluster has no node' : `of the ${nodes.length} nodes no Linux node tells its platform`
    return [
      finding(
        'CLUSTER_PLATFORMS_ASSUMED',
        `${there}; the images were checked for ${required.join(', ')}. Give the platforms with --platform.`,
      ),
    ]
  }
  const counted = platforms.map(one => `${printable(one, 60)} (${nodes.filter(({ platform }) => platform === one).length})`)
  const others = nodes.filter(({ platform }) => platform === undefined || !platforms.includes(platform))
  const without = others.length === 0 ? '' : `; without ${others.length} that run no Linux or have not told theirs`
  return [
    finding(
      'CLUSTER_PLATFORMS',
      `the required platforms are those of the cluster's ${nodes.length} nodes: ${counted.join(', ')}${without}.`,
    ),
  ]
}

const noDisasterRecovery = (installation: string): Finding =>
  finding(
    'CLUSTER_NO_DISASTER_RECOVERY',
    `the licence of the Installation ${printable(installation, 80)} has no disaster recovery: Embedded Cluster installs no Velero then, and the plugins are never used. Have it enabled in the licence (isDisasterRecoverySupported), or leave the plugins out.`,
  )

const unverified = (fact: ClusterFact): Finding =>
  finding(
    'CLUSTER_UNVERIFIED',
    `the certificate of ${clusterName(fact)} was not checked, as the kubeconfig says: whoever is in between can answer in its place. Put the authority into the kubeconfig.`,
  )

const fromFiles = ({ secretsFromFiles: names }: ClusterFact): Finding =>
  finding(
    'CLUSTER_SECRETS_FROM_FILES',
    `${names.map(name => printable(name)).join(', ')}: taken from the files of --secrets, and the cluster was not asked for ${names.length === 1 ? 'it' : 'them'}.`,
  )
