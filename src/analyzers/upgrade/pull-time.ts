import type { UpgradeFact } from '../../facts/upgrade.ts'
import type { NodeFact } from '../../kubernetes/objects.ts'
import { digestIn, isSameReference, referenceOf } from '../../oci/node-image.ts'
import { formatPlatform, normalize, splitPlatform } from '../../oci/platform.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type AnalyzeInput, reason } from '../analyzer.ts'
import { isSameImage } from './bytes.ts'
import { finding } from './codes.ts'
import { failureOf, type Situation } from './situation.ts'

/** Embedded Cluster's wait for Helm (EC 2.19 pkg/helm/client.go). */
const budgetSeconds = 300
/** For Velero's own images, the job that upgrades its CRDs, and the start of the server. */
const reservedSeconds = 60
const secondsPerContainer = 2
/** 5 MB/s with unpacking: a slow line, or a registry that is busy. */
const assumedBytesPerSecond = 5_000_000

export interface PullTime {
  readonly findings: readonly Finding[]
  /** Of the node with the most; -1 where it is not known. */
  readonly bytes: number
  readonly seconds: number
}

/** What the node that lacks most has to pull for all plugins, against the time that Helm gives it. */
export const pullTime = (input: AnalyzeInput, situation: Situation, facts: readonly UpgradeFact[]): PullTime => {
  const unknown = (why: string, code: 'UPGRADE_PULL_UNKNOWN' | 'UPGRADE_UNREAD' = 'UPGRADE_PULL_UNKNOWN'): PullTime => ({
    findings: [finding(code, `how much the nodes have to pull is not known: ${why}`)],
    bytes: -1,
    seconds: -1,
  })
  const unread = failureOf(situation.cluster, 'nodes')
  if (unread !== undefined) return unknown(reason(unread), 'UPGRADE_UNREAD')
  const nodes = nodesOf(situation)
  const platforms = [...new Set(nodes.flatMap(node => platformsOf(node, input)))]
  const sized = (fact: UpgradeFact) => fact.ok && platforms.every(one => fact.platforms.some(({ ok, platform }) => ok && platform === one))
  const failed = facts.flatMap(fact => (sized(fact) ? [] : [printable(fact.plugin)]))
  if (failed.length > 0) return unknown(`the size of ${failed.slice(0, 10).join(', ')} could not be read. See the check image.`)
  const needs = nodes.flatMap(node => needOf(node, input, facts))
  const most = needs.reduce<Need | undefined>((worst, next) => (worst === undefined || next.bytes > worst.bytes ? next : worst), undefined)
  if (most === undefined) return unknown('no Linux node tells its platform.')
  const rate = input.pullBytesPerSecond ?? assumedBytesPerSecond
  const seconds = Math.ceil(most.bytes / rate) + input.plugins.length * secondsPerContainer
  return { findings: [timeFinding(most, seconds, rate, situation, input)], bytes: most.bytes, seconds }
}

interface Need {
  readonly node: string
  readonly bytes: number
  readonly images: readonly string[]
}

/** Without nodes to ask, one of each platform that has nothing. */
const nodesOf = ({ cluster }: Situation): readonly (NodeFact | undefined)[] => {
  if (cluster?.nodes === undefined) return [undefined]
  const linux = cluster.nodes.filter(({ platform }) => platform?.startsWith('linux/'))
  const controllers = linux.filter(({ controlPlane }) => controlPlane === true)
  return controllers.length > 0 ? controllers : linux
}

const platformsOf = (node: NodeFact | undefined, { platforms }: AnalyzeInput): readonly string[] =>
  node?.platform === undefined ? platforms : [formatPlatform(normalize(splitPlatform(node.platform)))]

const needOf = (node: NodeFact | undefined, input: AnalyzeInput, facts: readonly UpgradeFact[]): readonly Need[] => {
  const policies = new Map(input.plugins.map(({ plugin, imagePullPolicy }) => [plugin, imagePullPolicy]))
  const missing = facts.filter(fact => node === undefined || !hasImage(node, fact, policies.get(fact.plugin)))
  return platformsOf(node, input).map(platform => {
    const held = new Set(node === undefined ? [] : facts.flatMap(fact => layersOnNode(node, fact, platform)))
    const lacking = new Map(missing.flatMap(fact => layersOf(fact, platform)).filter(([digest]) => !held.has(digest)))
    return {
      node: node === undefined ? '' : printable(node.name, 80),
      bytes: [...lacking.values()].reduce((sum, size) => sum + size, 0),
      images: missing.map(({ image }) => printable(image, 300)),
    }
  })
}

const layersOf = (fact: UpgradeFact, platform: string): readonly (readonly [string, number])[] =>
  !fact.ok
    ? []
    : fact.platforms.flatMap(one =>
        one.ok && one.platform === platform ? one.layers.map(({ digest, sizeBytes }) => [digest, sizeBytes] as const) : [],
      )

/** A tag that the node has is enough for kubelet, unless it is to ask every time. */
const hasImage = ({ images = [] }: NodeFact, fact: UpgradeFact, policy: string | undefined): boolean => {
  const names = images.flatMap(image => image.names)
  const pinned = referenceOf(fact.image)?.digest !== undefined
  if (!pinned && policy !== 'Always' && names.some(name => !name.includes('@') && isSameReference(name, fact.image))) return true
  return fact.ok && names.some(name => isThis(name, fact))
}

const isThis = (name: string, fact: UpgradeFact & { readonly ok: true }): boolean => {
  const digest = digestIn(name)
  return name.includes('@') && digest !== undefined && isSameImage(fact, digest)
}

/** Of this image's other versions that the node has: layers are kept by their digest. */
const layersOnNode = ({ images = [] }: NodeFact, fact: UpgradeFact, platform: string): readonly string[] => {
  if (!fact.ok) return []
  const digests = new Set(images.flatMap(({ names }) => names.flatMap(name => digestIn(name) ?? [])))
  const own = digests.has(fact.digest) ? fact.platforms : []
  const others = fact.others.flatMap(other => (other.ok && digests.has(other.digest) ? other.platforms : []))
  return [...own, ...others].flatMap(one => (one.ok && one.platform === platform ? one.layers.map(({ digest }) => digest) : []))
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

const timeFinding = (
  { node, bytes, images }: Need,
  seconds: number,
  rate: number,
  { cluster }: Situation,
  input: AnalyzeInput,
): Finding => {
  const who = node === '' ? 'a node that has none of the images' : `the node ${node}`
  const estimate = `${who} has to pull ${megabytes(bytes)}, about ${seconds} s`
  const evidence = [
    ...images.slice(0, 20).map(image => `to pull: ${image}`),
    `assumed: ${megabytes(rate)}/s${input.pullBytesPerSecond === undefined ? ', since no --pull-rate was given' : ''}, ${secondsPerContainer} s for each init container, ${reservedSeconds} s for Velero's own images and its start`,
    cluster?.nodes === undefined
      ? 'assumed: no node has any of it, since the nodes were not asked'
      : 'assumed: a node has the images that its status lists, and the layers of those whose manifests the registry gave',
  ]
  const left = budgetSeconds - reservedSeconds
  if (seconds <= left) return finding('UPGRADE_PULL_TIME', `${estimate} of the ${left} s that Helm's five minutes leave for it.`, evidence)
  return finding(
    'UPGRADE_PULL_SLOW',
    `${estimate}, and Helm's five minutes leave ${left} s for it: Embedded Cluster would roll Velero back and lose what shows why. Pull the images onto the nodes before the upgrade, or say with --pull-rate how fast they pull.`,
    evidence,
  )
}
