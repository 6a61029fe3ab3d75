import type { Failure } from '../facts/fact.ts'
import { type ImageFact, isInBundle } from '../facts/image.ts'
import { type CheckKind, type Collection, type Facts, factsFor, isPluginFactKind, isPluginKind, type PluginFactKind } from '../facts.ts'
import type { Result, Status } from '../outcome.ts'

/** What the check rests on, of all plugins. */
const itemsOf = (facts: Collection['facts'], check: CheckKind): readonly Facts[PluginFactKind][] =>
  factsFor(check).flatMap((kind): readonly Facts[PluginFactKind][] => (isPluginFactKind(kind) ? (facts[kind] ?? []) : []))

/**
 * What the registry would say nobody knows where another source was read: the check of the image says so, and is no pass; in an air gap
 * nobody asks a registry, and the check of the bundle says whether nodes have the image.
 */
const tellerOf = (facts: Collection['facts'], image: ImageFact | undefined): readonly [CheckKind, readonly Status[]] =>
  facts.airgap !== undefined && (image === undefined || isInBundle(image.attempts))
    ? ['airgap', ['pass', 'warn', 'fail']]
    : ['image', ['warn', 'fail']]

/** Whether an image that was looked for in the air-gap bundle is not there, or the bundle cannot be read. */
const isOfBundle = (facts: Collection['facts'], plugin: string, code: string): boolean => {
  const bundled = facts.airgap?.find(item => item.plugin === plugin)
  const image = facts.image?.find(item => item.plugin === plugin)
  if (bundled === undefined || (image !== undefined && !isInBundle(image.attempts))) return false
  return bundled.ok ? bundled.found === undefined && code === 'MANIFEST_NOT_FOUND' : code === bundled.code
}

/**
 * Whether policies that ask for attestations are all that is wrong, and the check of these says so too. What a spec says in words of its
 * own, or more strictly, stays.
 */
const lacksAttestationsAlone = ({ check, plugin, status, strict, message, findings }: Result, all: readonly Result[]): boolean => {
  if (check !== 'signature' || status !== 'fail' || message !== findings[0]?.message) return false
  if (findings.some(finding => finding.status !== 'fail' || finding.code !== 'SIGNATURE_ATTESTATION')) return false
  return all.some(
    other =>
      other.check === 'attestation' &&
      other.plugin === plugin &&
      other.status === 'fail' &&
      (strict !== true || other.strict === true) &&
      other.findings.filter(finding => finding.status === 'fail' && finding.code === 'ATTESTATION_POLICY_UNMET').length >= findings.length,
  )
}

const ended = new Set(['TIMED_OUT', 'INTERRUPTED'])

export interface NotMade {
  readonly text: string
  /** How the run was ended, where that is why. */
  readonly stopped?: Failure
}

/**
 * Why a result is no verdict of its own: the run was ended before, whatever a spec makes of that, or another check of the same
 * report already fails this plugin for the same cause (an image that could not be opened has no binaries to look at).
 */
export const whyNotMade = (result: Result, all: readonly Result[], { facts }: Collection): NotMade | undefined => {
  const { check, plugin, status, findings } = result
  if (plugin === undefined || !isPluginKind(check) || findings.every(finding => finding.status === 'pass')) return undefined
  const items = itemsOf(facts, check).filter(item => item.plugin === plugin)
  const failures = items.flatMap(item => (item.ok ? [] : [item]))
  const stopped = failures.find(({ code }) => ended.has(code))
  if (stopped !== undefined) return { text: stopped.message, stopped }
  if (lacksAttestationsAlone(result, all))
    return { text: 'The policy asks for attestations instead of a signature, and not all of them are there: see the check attestation.' }
  if (status !== 'fail' || failures.length === 0 || failures.length < items.length) return undefined
  const [first] = failures
  const cause = facts.image?.find(item => item.plugin === plugin)
  if (first?.code === 'REGISTRY_NOT_ASKED') {
    const [teller, statuses] = tellerOf(facts, cause)
    if (all.some(result => result.check === teller && result.plugin === plugin && statuses.includes(result.status)))
      return { text: `${first.message} See the check ${teller}.` }
  }
  const fails = (other: CheckKind) => all.some(result => result.check === other && result.plugin === plugin && result.status === 'fail')
  if (failures.every(({ code }) => code === 'REFERENCE_INVALID') && fails('config'))
    return { text: 'Its image reference is invalid: see the check config.' }
  // The check of the bundle is never put off: the others may point at it.
  if (check === 'airgap') return undefined
  if (fails('airgap') && failures.every(({ code }) => isOfBundle(facts, plugin, code)))
    return { text: 'The image could not be read from the air-gap bundle: see the check airgap.' }
  if (check === 'image' || cause === undefined || !fails('image')) return undefined
  const isCause = cause.ok ? isOfPlatform(cause) : ({ code }: Failure) => code === cause.code
  return failures.every(isCause) ? { text: `The image could not be read (${first?.code}): see the check image.` } : undefined
}

/** Whether the image is what could not be read, on this platform: that it has none for it, or that its config is lost. */
const isOfPlatform =
  ({ required }: Extract<ImageFact, { ok: true }>) =>
  (failed: Failure): boolean =>
    'platform' in failed && required.some(one => !one.ok && one.platform === failed.platform && one.message === failed.message)
