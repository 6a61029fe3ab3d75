import { type Failure, loginUnknown, type Plugin } from '../../facts/fact.ts'
import { type Attempt, type ImageFact, isInBundle, type PlatformImage, readFrom } from '../../facts/image.ts'
import { runsOn, splitPlatform } from '../../oci/platform.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { attemptLine, loginWords, reason, refusalWords } from '../analyzer.ts'
import { failureCodes, type ImageCode, imageCodes } from './codes.ts'
import { localFindings } from './local-findings.ts'
import { networkLines, nodeFindings, wayLines } from './node-findings.ts'

type Found = Extract<ImageFact, { ok: true }>

const finding = (code: ImageCode, message: string, evidence: readonly string[] = []): Finding => ({
  status: imageCodes[code].status,
  code,
  message,
  ...(evidence.length === 0 ? {} : { evidence }),
})

/** What is to be said of one plugin's image, fails first. */
export const imageFindings = (plugin: Plugin, fact: ImageFact, platforms: readonly string[]): readonly Finding[] => {
  const name = printable(plugin.plugin)
  const image = printable(plugin.image)
  const node = nodeFindings(name, image, fact)
  if (!fact.ok) return [notFound(name, image, fact), ...node]
  const required = platforms.map(platform => fact.required.find(one => one.platform === platform) ?? notCollected(platform))
  const login = loginFaults(name, image, fact)
  const faults = [...login, ...required.flatMap(one => platformFault(name, image, one, fact)), ...tagFault(name, image, fact), ...node]
  const local = readFrom(fact.attempts)
  if (local !== undefined && isInBundle(fact.attempts) && faults.length > 0) return faults
  if (local !== undefined) return [...faults, ...localFindings({ name, image, local, fact, required }, finding)]
  const failed = faults.some(({ status }) => status === 'fail')
  return failed || login.length > 0 ? faults : [...faults, resolved(name, image, fact, required)]
}

const resolved = (name: string, image: string, fact: Found, required: readonly PlatformImage[]): Finding => {
  const login = fact.credential.kind === 'anonymous' ? 'no login is needed' : `the registry accepts ${loginWords(fact.credential)}`
  const sizes = required.map(one =>
    one.ok ? `${one.platform}: ${one.digest}, ${one.layers} ${one.layers === 1 ? 'layer' : 'layers'}, ${mib(one.layersBytes)} to pull` : '',
  )
  return finding(
    'IMAGE_RESOLVED',
    `${name}: ${image} is in the registry ${printable(fact.host)} for ${required.map(one => one.platform).join(', ')}; ${login}.`,
    [
      `${fact.kind} ${fact.digest}`,
      ...sizes,
      ...(fact.kind === 'index' ? [`the index offers ${fact.platforms.map(one => printable(one, 60)).join(', ')}`] : []),
      ...wayLines(fact),
      ...fact.warnings.map(text => `the registry warns: ${printable(text)}`),
      ...fact.attempts.filter(({ ok }) => !ok).map(attemptLine),
    ],
  )
}

/** Somebody can pull it; whether the node can. */
const loginFaults = (name: string, image: string, fact: Found): readonly Finding[] => {
  if (fact.attempts.some(({ ok }) => ok)) return []
  const last = fact.attempts.at(-1)
  if (last === undefined || last.ok)
    return [finding('IMAGE_UNCHECKED', `${name}: ${image}: how the node would ask was not collected. Collect again.`)]
  const evidence = [...fact.attempts, ...fact.otherAttempts].map(attemptLine)
  const seen =
    fact.credential.kind === 'anonymous' ? 'the registry gives it to anyone' : `it can be pulled with ${loginWords(fact.credential)}`
  if (loginUnknown(last.code)) {
    return [
      finding(
        'IMAGE_LOGIN_UNKNOWN',
        `${name}: ${image} is there: ${seen}. Whether the node can pull it is not known. ${reason(last)}`,
        evidence,
      ),
    ]
  }
  if (last.code === 'SECRET_UNUSABLE')
    return [finding('IMAGE_SECRET_BROKEN', `${name}: ${image} is there (${seen}), but the node cannot pull it. ${reason(last)}`, evidence)]
  if (fact.credential.kind === 'anonymous') {
    return [
      finding(
        'IMAGE_LOGIN_REJECTED',
        `${name}: ${image} is open to anyone, and the node cannot pull it all the same: kubelet asks with ${loginWords(last.credential)}, the registry ${refusalWords(last)}, and kubelet does not ask again without a login. Correct the login, or take the pull secret out of the Config.`,
        evidence,
      ),
    ]
  }
  if (fact.credential.kind === 'secret') {
    return [
      finding(
        'IMAGE_SECRET_NOT_IN_POD',
        `${name}: ${image} can be pulled with ${loginWords(fact.credential)}, but Velero's pod does not refer to that secret; to a node, which asks with ${loginWords(last.credential)}, the registry ${refusalWords(last)}. Give it to the pod: the check pullSecret says how.`,
        evidence,
      ),
    ]
  }
  if (fact.credential.kind === 'license') {
    return [
      finding(
        'IMAGE_NEEDS_LICENSE',
        `${name}: ${image} can be pulled with ${loginWords(fact.credential)}, but Embedded Cluster 2 gives that login to none of Velero's pods: to a node, which asks with ${loginWords(last.credential)}, the registry ${refusalWords(last)}. Put the image where anyone can pull it. From Embedded Cluster 3 nodes have the login themselves: if that is meant, say so with --ec-version.`,
        evidence,
      ),
    ]
  }
  return [
    finding(
      'IMAGE_NEEDS_DOCKER_CONFIG',
      `${name}: ${image} can be pulled only with ${loginWords(fact.credential)}, which no node has; to a node, which asks with ${loginWords(last.credential)}, the registry ${refusalWords(last)}. Make a pull secret in the namespace of Velero and name it as imagePullSecret.`,
      evidence,
    ),
  ]
}

const platformFault = (name: string, image: string, one: PlatformImage, fact: Found): readonly Finding[] => {
  if (!one.ok) {
    const missing = one.code === 'PLATFORM_NOT_FOUND'
    return [finding(codeOf(one), `${name}: ${image} ${missing ? 'cannot run' : 'cannot be pulled'} on ${one.platform}. ${reason(one)}`)]
  }
  if (runsOn(splitPlatform(one.configPlatform), splitPlatform(one.platform))) return []
  const where =
    fact.kind === 'index' ? `the index of ${image} offers for ${one.platform} an image whose config says` : `the config of ${image} says`
  const says = printable(one.configPlatform, 60)
  return [
    finding(
      'IMAGE_PLATFORM_MISMATCH',
      `${name}: ${where} ${says}, and a node of ${one.platform} pulls and starts it all the same. If its files are for ${says} too, it ends with "exec format error": see the check binaries. Build it for ${one.platform}.`,
    ),
  ]
}

const tagFault = (name: string, image: string, { tag, digest }: Found): readonly Finding[] => {
  if (tag === undefined) return []
  if (tag.ok) {
    if (tag.digest === digest || tag.includes) return []
    const message = `${name}: the tag in ${image} now points at ${tag.digest}; a node takes the digest and does not look at the tag. If the newer image is meant, write its digest; if not, leave the tag out.`
    return [finding('IMAGE_TAG_MOVED', message)]
  }
  if (tag.code === 'MANIFEST_NOT_FOUND') {
    return [
      finding(
        'IMAGE_TAG_GONE',
        `${name}: the registry has the digest in ${image} but not the tag. A node takes the digest; check that the tag is not a slip, or leave it out.`,
      ),
    ]
  }
  return [
    finding(
      'IMAGE_TAG_UNCHECKED',
      `${name}: what the tag in ${image} points at could not be seen; a node takes the digest. ${reason(tag)}`,
    ),
  ]
}

const notFound = (name: string, image: string, fact: ImageFact & Failure): Finding => {
  const all = [...fact.attempts, ...fact.otherAttempts]
  const local = readFrom(fact.attempts)
  const evidence = [...(all.length > 1 ? all.map(attemptLine) : []), ...(local === undefined ? networkLines(fact) : [])]
  if (local !== undefined)
    return finding(codeOf(fact), `${name}: what was named instead of ${image} cannot be used. ${reason(fact)}`, evidence)
  const cause = realCause(fact)
  if (cause.code === 'REFERENCE_INVALID') return finding('IMAGE_REFERENCE_INVALID', `${name}: ${reason(cause)}`)
  const also = loginUnknown(fact.code) ? ` ${reason(fact)}` : ''
  if (cause.code === 'MANIFEST_NOT_FOUND' && onlyAnonymous(fact)) {
    return finding(
      'IMAGE_NOT_FOUND',
      `${name}: ${image} was not found. It does not exist, or it is private: to who has no login, registries answer both alike. ${cause.message} Check the spelling and that it was pushed; if it is private, name a pull secret and give it with --secrets.${also}`,
      evidence,
    )
  }
  return finding(codeOf(cause), `${name}: ${image} cannot be pulled. ${reason(cause)}${also}`, evidence)
}

/** Behind a secret that was not given, what the registry said to those who asked otherwise. */
const realCause = (fact: ImageFact & Failure): Failure => {
  if (!loginUnknown(fact.code)) return fact
  const last: Attempt | undefined = [...fact.attempts, ...fact.otherAttempts].findLast(one => !one.ok && !loginUnknown(one.code))
  return last === undefined || last.ok ? fact : last
}

const onlyAnonymous = ({ attempts, otherAttempts }: ImageFact): boolean =>
  [...attempts, ...otherAttempts].every(one => one.credential.kind === 'anonymous' || (!one.ok && loginUnknown(one.code)))

const codeOf = ({ code }: Failure): ImageCode => (failureCodes as Readonly<Partial<Record<string, ImageCode>>>)[code] ?? 'IMAGE_UNCHECKED'

const notCollected = (platform: string): PlatformImage => ({
  platform,
  ok: false,
  code: 'FACT_MISSING',
  message: 'Nothing was collected for this platform.',
  hint: `Collect again with --platform ${platform}.`,
})

const mib = (sizeBytes: number): string => `${(sizeBytes / (1 << 20)).toFixed(1)} MiB`
