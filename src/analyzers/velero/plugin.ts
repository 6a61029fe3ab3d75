import type { Failure, Plugin } from '../../facts/fact.ts'
import type { ServerStatusFact } from '../../facts/velero.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { namesOf } from '../../velero/plugin-owners.ts'
import type { Said } from '../../velero/server-log.ts'
import { reason } from '../analyzer.ts'
import { finding } from './codes.ts'
import { containerWords } from './container-words.ts'
import { faultWords } from './server-words.ts'
import type { Situation } from './situation.ts'

interface Container {
  readonly name: string
  readonly image: string
}

/** The init container of a plugin: of its name, or with its image, as `velero plugin add` makes them. */
export const containerOf = ({ plugin, image }: Plugin, containers: readonly Container[]): Container | undefined =>
  containers.find(({ name }) => name === plugin) ?? containers.find(one => one.image === image)

export const isLoaded = (findings: readonly Finding[]): boolean => findings.some(({ code }) => code === 'VELERO_PLUGIN_LOADED')

/** What became of one declared plugin. @param others declared plugins, by the name of their init container */
export const pluginFindings = (plugin: Plugin, situation: Situation, others: ReadonlyMap<string, string>): readonly Finding[] => {
  const { fact, pod } = situation
  const say = (one: Finding): Finding => ({ ...one, message: `${printable(plugin.plugin)}: ${one.message}` })
  const unread = fact.calls.find((call): call is typeof call & Failure => !call.ok && (call.call === 'deployment' || call.call === 'pods'))
  if (unread !== undefined) return [say(finding('VELERO_PLUGIN_UNKNOWN', `whether it is loaded is not known. ${reason(unread)}`))]
  if (fact.deployment === undefined) return [say(waits('there is no Velero in the namespace'))]
  const container = containerOf(plugin, fact.deployment.initContainers)
  if (container === undefined) return [say(absent(plugin, situation))]
  const other = container.image === plugin.image ? [] : [say(otherImage(plugin, container))]
  const seen = pod?.containers.some(({ init, name }) => init && name === container.name) === true
  if (pod !== undefined && !seen)
    return [
      ...other,
      say(
        finding(
          'VELERO_PLUGIN_UNKNOWN',
          `the pod ${printable(pod.name)} is of before the plugin was put into the Deployment. Run again when the new pod is there.`,
        ),
      ),
    ]
  return [...other, say(ofContainer(container, situation, others))]
}

const waits = (why: string): Finding => finding('VELERO_PLUGIN_WAITS', `it is not loaded: ${why}.`)

const absent = ({ image }: Plugin, { fact: { deployment } }: Situation): Finding => {
  const there = (deployment?.initContainers ?? []).map(({ name }) => printable(name, 80))
  return finding(
    'VELERO_PLUGIN_ABSENT',
    `the Deployment velero has no init container of this name, nor one with ${printable(image, 300)}, so that Velero does not get the plugin. It has ${there.length === 0 ? 'none at all' : there.join(', ')}. Install or upgrade with this Config; an override that sets initContainers replaces all of them.`,
  )
}

const otherImage = ({ image }: Plugin, container: Container): Finding =>
  finding(
    'VELERO_OTHER_IMAGE',
    `its init container ${printable(container.name, 80)} runs ${printable(container.image, 300)}, and the Config names ${printable(image, 300)}. Install or upgrade again, so that Velero gets the declared one.`,
  )

const ofContainer = (container: Container, situation: Situation, others: ReadonlyMap<string, string>): Finding => {
  const { pod, blocker, state, fault, culprits, log } = situation
  if (pod === undefined) return waits('the Deployment velero has no pod')
  if (pod.unscheduled !== undefined) return waits('the pod of Velero is on no node')
  if (blocker !== undefined) return blocked(container, situation, others)
  if (fault !== undefined && culprits.includes(container.name)) return blamed(container, situation, others)
  const registered = (log?.registered ?? []).filter(({ command }) => ownedBy(situation, command, container.name))
  const names = [...new Set(registered.map(({ name, kind }) => `${name} (${kind})`))].map(name => printable(name, 160))
  if (state === 'ended') {
    if (fault === undefined)
      return finding('VELERO_PLUGIN_UNKNOWN', 'the server has ended, and no log says why: whether this plugin is to blame is not known.')
    const culprit = culprits
      .map(name => others.get(name) ?? name)
      .map(name => printable(name, 80))
      .join(' or ')
    const cause = culprits.length === 0 ? 'Velero ended for another reason' : `Velero ended because of ${culprit}`
    return waits(
      registered.length > 0 ? `${cause}, after this one had registered ${names.join(', ')}` : `${cause}, before it had come to this one`,
    )
  }
  const said = (list: readonly Said[]) => list.filter(({ command }) => ownedBy(situation, command, container.name))
  const [skipped] = said(log?.skipped ?? [])
  if (skipped !== undefined)
    return finding(
      'VELERO_PLUGIN_MODE',
      `Velero runs without it: ${printable(skipped.command, 300)} has no execute bit (${printable(skipped.text, 20)}), and the server passes it over. Build the image with chmod 755 on it.`,
      [skipped.line],
    )
  const [named] = said(log?.invalidNames ?? [])
  if (named !== undefined && registered.length === 0)
    return finding(
      'VELERO_PLUGIN_NAME',
      `Velero runs without it: its framework refuses the name that ${printable(named.command, 300)} gives it. ${printable(named.text, 300).replace(/\.?$/, '.')} Name it as in example.com/plugin.`,
      [named.line],
    )
  return registered.length > 0 ? present(names, registered, situation) : missing(container, situation)
}

const ownedBy = ({ owners }: Situation, command: string, name: string): boolean =>
  (owners.get(command) ?? []).some(owner => owner.name === name)

const blocked = (container: Container, { blocker, pod }: Situation, others: ReadonlyMap<string, string>): Finding => {
  const { container: stopped, fault } = blocker!
  if (stopped.name === container.name && stopped.init) {
    const { code, text, evidence } = containerWords(stopped, fault)
    return finding(code, text, evidence)
  }
  const order = (pod?.containers ?? []).map(({ name }) => name)
  const own = order.indexOf(container.name) < order.indexOf(stopped.name)
  const who = stopped.init ? `the init container of ${printable(others.get(stopped.name) ?? stopped.name, 80)}` : "Velero's own container"
  return waits(`${who} does not come to an end${own ? ', after this one had been copied' : ', and this one comes after it'}`)
}

const blamed = (container: Container, { fault, culprits }: Situation, others: ReadonlyMap<string, string>): Finding => {
  const { code, text, evidence } = faultWords(fault!, `the plugin of ${printable(container.name, 80)}`)
  const more = culprits.filter(name => name !== container.name).map(name => printable(others.get(name) ?? name, 80))
  const doubt =
    more.length === 0 || fault!.kind === 'duplicate'
      ? ''
      : ` The log does not say whose file it is: it may be that of ${more.join(' or ')}.`
  return finding(code, `Velero does not run: ${text}${doubt}`, evidence)
}

const present = (names: readonly string[], registered: readonly { readonly line: string }[], { state, fact }: Situation): Finding => {
  if (state === 'runs')
    return finding(
      'VELERO_PLUGIN_LOADED',
      `Velero has registered ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}.`,
      registered.slice(0, 20).map(({ line }) => line),
    )
  return fact.serverStatus?.ok === true
    ? finding(
        'VELERO_PLUGIN_LOADED',
        `Velero has registered ${names.slice(0, 5).join(', ')}.`,
        registered.map(({ line }) => line),
      )
    : finding('VELERO_STARTING', `Velero has registered ${names.join(', ')}, and is at starting other plugins. Run again in a minute.`)
}

/** What the server says of itself, where its log says nothing any more. */
const ofStatus = (container: Container, { request, plugins }: Extract<ServerStatusFact, { readonly ok: true }>): Finding => {
  const own = [...new Set(namesOf(plugins, container).map(({ name, kind }) => `${name} (${kind})`))].map(text => printable(text, 160))
  if (own.length > 0)
    return finding('VELERO_PLUGIN_LOADED', `Velero says itself that it has ${own.slice(0, 5).join(', ')}.`, [
      `ServerStatusRequest ${printable(request)}: ${own.slice(0, 20).join(', ')}`,
    ])
  const others = [...new Set(plugins.map(({ name }) => name))]
    .filter(name => !name.startsWith('velero.io/'))
    .map(name => printable(name, 100))
  return finding(
    'VELERO_PLUGIN_UNKNOWN',
    `Velero runs, what it says of plugins at its start is no longer in its log, and it does not say which of its plugins is of ${printable(container.name, 80)}. It has ${others.slice(0, 20).join(', ') || 'none but velero.io/…'}. Start its pod anew, and the log tells it.`,
  )
}

const missing = (container: Container, situation: Situation): Finding => {
  const { state, log, logUnread, server, owners, fact } = situation
  if (state === 'starts') {
    const since = server?.state.kind === 'running' ? (server.state.startedAt ?? '') : ''
    return finding(
      'VELERO_STARTING',
      `Velero has been starting plugins since ${printable(since, 40) || 'an unknown time'}, and has not registered this one. It waits up to a minute for each; a plugin that hangs is told of afterwards. Run again in two minutes.`,
    )
  }
  const unseen = log === undefined || state === 'runsUnseen' || !log.started
  if (unseen && fact.serverStatus?.ok === true) return ofStatus(container, fact.serverStatus)
  if (logUnread !== undefined)
    return finding('VELERO_PLUGIN_UNKNOWN', `Velero runs, and its log could not be read. ${printable(logUnread, 600)}`)
  if (unseen)
    return finding(
      'VELERO_PLUGIN_UNKNOWN',
      'Velero runs, and what it says of plugins at its start is no longer in its log. --server-status asks the server itself; or start its pod anew.',
    )
  const nobodys = [...owners].filter(([, list]) => list.length === 0).map(([command]) => printable(command, 200))
  const others = nobodys.length === 0 ? '' : ` Of ${nobodys.join(', ')} it is not known whose they are.`
  return finding(
    'VELERO_PLUGIN_NOT_REGISTERED',
    `Velero runs without it: its init container ${printable(container.name, 80)} ended well, and nothing was registered that could be of it. Its image copies nothing that Velero runs, or a later init container overwrites the file.${others} The check binaries says what the image copies.`,
  )
}
