import { type ImageFact, isInBundle, type PlatformImage } from '../../facts/image.ts'
import { parseReference } from '../../oci/reference.ts'
import { isLocalReference } from '../../oci/transport.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { attemptLine } from '../analyzer.ts'
import type { ImageCode } from './codes.ts'

interface LocalCase {
  /** Both as written, printable. */
  readonly name: string
  readonly image: string
  /** What was read. */
  readonly local: string
  readonly fact: Extract<ImageFact, { ok: true }>
  readonly required: readonly PlatformImage[]
}

type MakeFinding = (code: ImageCode, message: string, evidence?: readonly string[]) => Finding

/** Of an image that was read from a folder or archive: that nobody asked a registry is no pass, however good the image is. */
export const localFindings = ({ name, image, local, fact, required }: LocalCase, finding: MakeFinding): readonly Finding[] => {
  const held = required.flatMap(one => (one.ok ? [one.platform] : []))
  const holds = held.length === 0 ? '' : `, which holds it for ${held.join(', ')}`
  const evidence = [...fact.attempts.map(attemptLine), ...required.flatMap(one => (one.ok ? [`${one.platform}: ${one.digest}`] : []))]
  if (isInBundle(fact.attempts)) return bundled(name, image, holds, evidence, finding)
  const next = isLocalReference(image)
    ? 'A node cannot read that: push it to a registry, and write its reference there into the Config.'
    : `Whether its registry has it and gives it to a node is not known: push it as ${image} and check again without --image.`
  const read = finding('IMAGE_LOCAL', `${name}: the image was read from ${printable(local)}${holds}. ${next}`, evidence)
  const pinned = pinnedIn(image)
  // A docker archive has no manifest, so that nobody knows the digest that pushing it will give.
  if (pinned === undefined || pinned === fact.digest || local.startsWith('docker-archive:')) return [read]
  const message = `${name}: the Config names the image with the digest ${pinned}, and what was read from ${printable(local)} has ${fact.digest}. A node takes the digest of the Config, so that it would run another image than the one that was checked. Write the digest of what will be pushed into the Config.`
  return [finding('IMAGE_LOCAL_OTHER', message), read]
}

/** Nodes have it from there, and what is wrong in that way the check of the bundle says. */
const bundled = (name: string, image: string, holds: string, evidence: readonly string[], finding: MakeFinding): readonly Finding[] => [
  finding('IMAGE_IN_BUNDLE', `${name}: ${image} was read from the air-gap bundle${holds}; in an air gap no registry is asked.`, evidence),
]

const pinnedIn = (image: string): string | undefined => {
  try {
    return isLocalReference(image) ? undefined : parseReference(image).digest
  } catch {
    return undefined
  }
}
