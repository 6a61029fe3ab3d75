import type { ContainerFact } from '../../kubernetes/objects.ts'
import { isSameReference, referenceOf } from '../../oci/node-image.ts'
import { nameOf } from '../../oci/reference.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { compareTags } from '../../velero/tag-version.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'

export type Change = 'added' | 'unchanged' | 'updated' | 'downgraded' | 'replaced' | 'unknown'

/** What of a plugin is installed and what runs: by its name, else by its repository. */
export interface Predecessor {
  readonly installed?: ContainerFact
  readonly running?: ContainerFact
}

export const predecessorOf = ({ before, running, next }: Situation, plugin: ContainerFact): Predecessor => {
  const find = (list: readonly ContainerFact[] = []): ContainerFact | undefined =>
    list.find(({ name }) => name === plugin.name) ??
    // One that keeps its name is the predecessor of no other.
    list.find(one => !next.some(({ name }) => name === one.name) && isSameRepository(one.image, plugin.image))
  const [ofConfig, ofPod] = [find(before), find(running)]
  return { ...(ofConfig && { installed: ofConfig }), ...(ofPod && { running: ofPod }) }
}

const isSameRepository = (a: string, b: string): boolean => {
  const [left, right] = [referenceOf(a), referenceOf(b)]
  return left !== undefined && right !== undefined && nameOf(left) === nameOf(right)
}

interface Changed {
  readonly change: Change
  readonly findings: readonly Finding[]
}

const quoted = (image: string): string => printable(image, 300)

/** From what there is, which is what runs where that is known, to the new image. */
export const changeOf = (plugin: ContainerFact, { installed, running }: Predecessor): Changed => {
  const name = printable(plugin.name)
  const old = running ?? installed
  if (old === undefined) {
    const what = `${name}: ${quoted(plugin.image)} is new: neither installed nor running.`
    return { change: 'added', findings: [finding('UPGRADE_ADDED', what)] }
  }
  const renamed =
    old.name === plugin.name
      ? []
      : [finding('UPGRADE_RENAMED', `${name}: was called ${printable(old.name)} until now, by the repository of ${quoted(old.image)}.`)]
  const { change, message } = imageChange(old.image, plugin.image)
  return { change, findings: [finding(codes[change], `${name}: ${message}`), ...renamed] }
}

const codes = {
  unchanged: 'UPGRADE_UNCHANGED',
  updated: 'UPGRADE_UPDATED',
  downgraded: 'UPGRADE_DOWNGRADED',
  replaced: 'UPGRADE_REPLACED',
  unknown: 'UPGRADE_VERSIONS_UNKNOWN',
} as const

const imageChange = (old: string, image: string): { readonly change: Exclude<Change, 'added'>; readonly message: string } => {
  if (isSameReference(old, image)) return { change: 'unchanged', message: `${quoted(image)} as before.` }
  const [was, is] = [referenceOf(old), referenceOf(image)]
  const words = `from ${quoted(old)} to ${quoted(image)}`
  if (was === undefined || is === undefined) return unknown(words)
  const product = (path: string) => path.split('/').at(-1)
  if (product(was.path) !== product(is.path))
    return {
      change: 'replaced',
      message: `${words}: this is another repository and another name. Make sure that it can restore what the old one backed up.`,
    }
  const moved = nameOf(was) === nameOf(is) ? '' : ', from another repository'
  if (was.digest !== undefined && was.digest === is.digest)
    return { change: 'unchanged', message: `${words}${moved}, with the same digest.` }
  const order = was.tag === undefined || is.tag === undefined ? undefined : compareTags(was.tag, is.tag)
  if (order === undefined) return unknown(`${words}${moved}`)
  if (order <= 0)
    return { change: 'updated', message: `${words}${moved}${order === 0 ? ', with another digest of the same version' : ''}.` }
  const downgraded = `${words}${moved}: this is an earlier version. Backups that the later one made may not be restorable with it. Take ${printable(was.tag ?? '', 130)} or a later one.`
  return { change: 'downgraded', message: downgraded }
}

const unknown = (words: string): { readonly change: 'unknown'; readonly message: string } => ({
  change: 'unknown',
  message: `${words}: whether this is a later version cannot be told from the tags. Make sure that it is; tags such as v1.2.3 would tell.`,
})

/** Where the installed Config and the Deployment do not agree on what there is. */
export const driftFindings = (plugin: ContainerFact, { installed, running }: Predecessor, situation: Situation): readonly Finding[] => {
  const name = printable(plugin.name)
  if (installed === undefined || situation.running === undefined) return []
  if (running === undefined)
    return [
      finding(
        'UPGRADE_NOT_RUNNING',
        `${name}: the installed Config has ${quoted(installed.image)}, but the Deployment of Velero has no such init container: backups are made without it. See whether an upgrade by the admin console or an override dropped it.`,
      ),
    ]
  if (isSameReference(installed.image, running.image)) return []
  return [
    finding(
      'UPGRADE_RUNS_OTHER',
      `${name}: the installed Config has ${quoted(installed.image)}, but the Deployment of Velero runs ${quoted(running.image)}. Somebody changed it by hand; the upgrade sets it to ${quoted(plugin.image)}.`,
    ),
  ]
}
