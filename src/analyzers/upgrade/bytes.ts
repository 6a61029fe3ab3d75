import { type Digest, isDigest } from '../../digest.ts'
import type { ClusterFact } from '../../facts/cluster.ts'
import type { UpgradeFact } from '../../facts/upgrade.ts'
import type { NodeFact } from '../../kubernetes/objects.ts'
import { digestIn, isSameReference, referenceOf } from '../../oci/node-image.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { finding } from './codes.ts'
import type { Situation } from './situation.ts'

type Bytes = UpgradeFact & { readonly ok: true }

/**
 * Whether an image of this digest is what the reference points at now. A node may know it by the digest of the index, of the
 * platform's manifest, or of the config (when it was given as a file); another index may hold the very same images.
 */
export const isSameImage = ({ digest: root, platforms, others }: Bytes, digest: Digest): boolean => {
  if (digest === root || platforms.some(one => one.ok && (one.digest === digest || one.config === digest))) return true
  const other = others.find(one => one.digest === digest)
  if (other === undefined || !other.ok) return false
  return platforms.every(one => {
    const same = other.platforms.find(({ platform }) => platform === one.platform)
    return one.ok && same?.ok === true && same.digest === one.digest
  })
}

interface Seen {
  readonly where: string
  readonly digest: Digest
}

/** The digests that nodes have under the very reference. */
export const digestsUnder = (image: string, { images = [] }: NodeFact): readonly Digest[] =>
  images
    .filter(({ names }) => names.some(name => !name.includes('@') && isSameReference(name, image)))
    .flatMap(({ names }) => names.flatMap(name => digestIn(name) ?? []))

export interface ComparedBytes {
  readonly findings: readonly Finding[]
  readonly retagged: boolean
  /** What a pass says of the bytes. */
  readonly words: string
}

const nothing: ComparedBytes = { findings: [], retagged: false, words: '' }

/** A tag is a name that anybody may give to other bytes: what pods run and nodes have, against what the registry gives now. */
export const comparedBytes = (fact: Bytes, { cluster, running: deployed }: Situation, policy: string | undefined): ComparedBytes => {
  const name = printable(fact.plugin)
  const reference = referenceOf(fact.image)
  if (cluster === undefined || reference === undefined) return nothing
  if (reference.digest !== undefined) return { ...nothing, words: ' Its digest says which bytes.' }
  const containers = (cluster.pods ?? []).flatMap(pod =>
    pod.initContainers.filter(({ image }) => isSameReference(image, fact.image)).map(container => ({ pod, container })),
  )
  const isDeployed = cluster.pods !== undefined && (deployed ?? []).some(({ image }) => isSameReference(image, fact.image))
  const running = containers.flatMap(({ pod, container }): readonly Seen[] => {
    const digest = digestIn(container.imageId)
    if (digest === undefined) return []
    const fitting = namesOfSame(cluster, container.imageId).find(one => isSameImage(fact, one))
    return [{ where: `the pod ${printable(pod.name)} runs`, digest: fitting ?? digest }]
  })
  const onNodes = (cluster.nodes ?? []).flatMap(node =>
    digestsOnNode(fact, node).map((digest): Seen => ({ where: `the node ${printable(node.name)} has`, digest })),
  )
  const other = [...running, ...onNodes].filter(({ digest }) => !isSameImage(fact, digest))
  if (other.length > 0) return { findings: [retagged(name, fact, other, policy)], retagged: true, words: '' }
  if (isDeployed && containers.length === 0) return { ...nothing, findings: [notMade(name, fact, [])] }
  if (containers.length > running.length) {
    const without = containers.filter(({ container }) => digestIn(container.imageId) === undefined)
    const pods = without.map(({ pod }) => `pod ${printable(pod.name)}`)
    return { ...nothing, findings: [notMade(name, fact, pods)] }
  }
  return running.length === 0 ? nothing : { ...nothing, words: ` Its pod runs what the registry has: ${fact.digest}.` }
}

/**
 * What has one config is one image to containerd, whatever repositories and indexes it came from, and it names any of them as what
 * a pod runs. All of its names a node tells.
 */
const namesOfSame = (cluster: ClusterFact, imageId: string): readonly Digest[] => {
  const entries = (cluster.nodes ?? []).flatMap(({ images = [] }) => images.filter(({ names }) => names.includes(imageId)))
  return entries.flatMap(({ names }) => names.flatMap(name => digestIn(name) ?? []))
}

/** So one digest that fits is enough. */
const digestsOnNode = (fact: Bytes, node: NodeFact): readonly Digest[] => {
  const digests = digestsUnder(fact.image, node)
  return digests.some(digest => isSameImage(fact, digest)) ? [] : digests.slice(0, 1)
}

const notMade = (name: string, { image }: Bytes, pods: readonly string[]): Finding =>
  finding(
    'UPGRADE_RUNNING_UNKNOWN',
    `${name}: the Deployment of Velero has the init container, but no pod was made with it, so that it is not known which bytes ${printable(image, 300)} stands for there. See why the pod does not start.`,
    pods,
  )

const retagged = (name: string, fact: Bytes, seen: readonly Seen[], policy: string | undefined): Finding => {
  const digests = [...new Set(seen.map(({ digest }) => digest))]
  const effect =
    policy === 'Always'
      ? 'With imagePullPolicy Always the next start of the pod brings the new bytes, with or without an upgrade.'
      : 'A node that has the tag keeps its bytes (imagePullPolicy IfNotPresent), any other gets the new ones.'
  return finding(
    'UPGRADE_RETAGGED',
    `${name}: ${printable(fact.image, 300)} is now ${fact.digest} in the registry, and ${digests.slice(0, 3).join(', ')} in the cluster: the tag was given to other bytes. ${effect} Give the new image a tag of its own, or write its digest into the Config.`,
    seen.slice(0, 20).map(({ where, digest }) => `${where} ${isDigest(digest) ? digest : ''}${fate(fact, digest)}`),
  )
}

const fate = ({ others }: Bytes, digest: Digest): string => {
  const other = others.find(one => one.digest === digest)
  if (other === undefined || other.ok) return ''
  return other.code === 'MANIFEST_NOT_FOUND' ? ', which the registry does not have any more' : `, which could not be read: ${other.code}`
}
