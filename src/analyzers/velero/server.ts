import type { CallFact } from '../../facts/cluster.ts'
import type { Failure } from '../../facts/fact.ts'
import type { SeenVelero } from '../../facts/velero.ts'
import { calls } from '../../kubernetes/calls.ts'
import { rolesFor } from '../../kubernetes/roles.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { reason } from '../analyzer.ts'
import { finding } from './codes.ts'
import { containerWords } from './container-words.ts'
import { faultWords } from './server-words.ts'
import type { Situation } from './situation.ts'

/** What is to be said of Velero itself, beside what its declared plugins are to blame for. @param others declared plugins by init container */
export const serverFindings = (situation: Situation, others: ReadonlyMap<string, string>): readonly Finding[] => {
  const { fact } = situation
  return [...unreadFindings(fact), ...stateFindings(situation, others), ...secretFindings(situation), ...statusFindings(fact)]
}

type Refused = CallFact & Failure

const unreadFindings = ({ calls: asked }: SeenVelero): readonly Finding[] =>
  asked
    .filter((call): call is Refused => !call.ok)
    .map(call => {
      const code = call.call === 'events' ? 'VELERO_EVENTS_UNREAD' : 'VELERO_UNREAD'
      const role = call.code === 'CLUSTER_FORBIDDEN' ? [`the role that would do:\n${rolesFor([call]).trimEnd()}`] : []
      return finding(code, `${reason(call)} So it is not known ${calls[call.call].tells}.`, role)
    })

const stateFindings = (situation: Situation, others: ReadonlyMap<string, string>): readonly Finding[] => {
  const { fact, pod, server, blocker, state } = situation
  const { deployment, namespace } = fact
  const where = `in the namespace ${printable(namespace)}`
  if (deployment === undefined) {
    if (fact.calls.some(call => call.call === 'deployment' && !call.ok)) return []
    return [finding('VELERO_ABSENT', `there is no Deployment velero ${where}. Install Velero, or give its namespace with -n.`)]
  }
  if (pod === undefined) return fact.calls.some(call => call.call === 'pods' && !call.ok) ? [] : [noPod(situation)]
  if (pod.unscheduled !== undefined)
    return [
      finding(
        'VELERO_UNSCHEDULED',
        `the pod ${printable(pod.name)} is on no node: ${printable(pod.unscheduled, 500)} See taints, node selectors and what is left of the nodes' memory.`,
      ),
    ]
  if (server === undefined) return [finding('VELERO_SERVER_FAILED', `the pod ${printable(pod.name)} ${where} has no container velero.`)]
  if (blocker !== undefined) {
    const { container, fault } = blocker
    const { code, text, evidence } = containerWords(container, fault)
    if (!container.init)
      return [finding(code === 'VELERO_STARTING' ? code : 'VELERO_SERVER_FAILED', `Velero's own container: ${text}`, evidence)]
    const declared = others.get(container.name)
    if (declared !== undefined) return [down(declared)]
    return code === 'VELERO_STARTING'
      ? [finding(code, `the init container ${printable(container.name, 80)}: ${text}`)]
      : [
          finding(
            'VELERO_UNDECLARED',
            `Velero does not run: its init container ${printable(container.name, 80)}, which the Config does not declare: ${text}`,
            evidence,
          ),
        ]
  }
  return state === 'ended' ? [endedFinding(situation, others)] : runningFindings(situation)
}

const down = (plugin: string): Finding =>
  finding('VELERO_DOWN', `Velero does not run, because of the plugin ${printable(plugin, 80)}: see there.`)

const noPod = ({ fact }: Situation): Finding => {
  const { deployment, events } = fact
  const said = events.findLast(({ reason: why }) => why === 'FailedCreate')?.message ?? deployment?.problems[0]
  const why =
    deployment?.replicas === 0
      ? 'it is scaled to 0. Scale it to 1.'
      : said === undefined
        ? 'the cluster does not say why. See the ReplicaSet of the Deployment.'
        : `${printable(said, 500)}. See the quota, the admission policies and the service account of the namespace.`
  return finding('VELERO_NO_POD', `the Deployment velero in the namespace ${printable(fact.namespace)} has no pod: ${why}`)
}

const endedFinding = ({ fault, culprits, server, pod, logUnread }: Situation, others: ReadonlyMap<string, string>): Finding => {
  if (fault === undefined) {
    const end = server?.state.kind === 'ended' ? server.state : server?.last
    const exit = end === undefined ? '' : ` (${[end.reason, `exit code ${end.exitCode}`].filter(part => part !== undefined).join(', ')})`
    return finding(
      'VELERO_SERVER_ENDED',
      `the server in the pod ${printable(pod?.name ?? '')} has ended${exit}, and no log says why.${logUnread === undefined ? '' : ` ${printable(logUnread, 600)}`} Read kubectl logs --previous.`,
      end?.message === undefined ? [] : [end.message],
    )
  }
  const declared = culprits.flatMap(name => others.get(name) ?? [])
  if (declared.length > 0) return down(declared.join(' or '))
  const { code, text, evidence } = faultWords(fault)
  if (culprits.length === 0) return finding(code, `Velero does not run: ${text}`, evidence)
  const names = culprits.map(name => printable(name, 80)).join(' or ')
  return finding('VELERO_UNDECLARED', `Velero does not run, because of ${names}, which the Config does not declare: ${text}`, evidence)
}

const runningFindings = ({ fact, pod, server, state, log }: Situation): readonly Finding[] => {
  const version = log?.version === undefined ? '' : ` ${printable(log.version, 40)}`
  const last = server?.last
  const restarted =
    server === undefined || server.restarts === 0 || state !== 'runs'
      ? []
      : [
          finding(
            'VELERO_RESTARTED',
            `the server was started ${server.restarts + 1} times${last === undefined ? '' : `; last it ended with ${[last.reason, `exit code ${last.exitCode}`].filter(part => part !== undefined).join(', ')}`}. See its log of before, and its memory limit.`,
          ),
        ]
  if (state === 'starts')
    return [
      finding(
        'VELERO_STARTING',
        `Velero${version} in the pod ${printable(pod?.name ?? '')} is at starting plugins. Run again in a minute.`,
      ),
    ]
  const names = [...new Set((log?.registered ?? []).map(({ name }) => printable(name, 100)))]
  const list = names.length === 0 ? 'no plugin beside its own' : names.slice(0, 10).join(', ')
  const seen = state === 'runs' ? `, and has registered ${list}` : ''
  const status =
    fact.serverStatus?.ok === true
      ? ` It says itself that it is ${printable(fact.serverStatus.version, 40)} and has ${fact.serverStatus.plugins.length} plugins.`
      : ''
  return [...restarted, finding('VELERO_RUNS', `Velero${version} runs in the pod ${printable(pod?.name ?? '')}${seen}.${status}`)]
}

const secretFindings = ({ fact, pod }: Situation): readonly Finding[] => {
  const missing = fact.events
    .filter(({ reason: why, about }) => why === 'FailedToRetrieveImagePullSecret' && about === `Pod ${pod?.name}`)
    .at(-1)
  return missing === undefined
    ? []
    : [
        finding(
          'VELERO_SECRET_MISSING',
          `the node could not get a pull secret of the pod: ${printable(missing.message, 400)} Create it in the namespace ${printable(fact.namespace)}, or take it out of the pod.`,
          [`event of ${missing.about}: ${missing.message}`],
        ),
      ]
}

const statusFindings = ({ serverStatus }: SeenVelero): readonly Finding[] =>
  serverStatus === undefined || serverStatus.ok ? [] : [finding('VELERO_STATUS_FAILED', reason(serverStatus))]
