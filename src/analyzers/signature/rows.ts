import { printable } from '../../redact.ts'
import type { Verdict } from '../../signatures/verdict.ts'
import { byWhom, listed, stepNames } from '../../trust/verdict-words.ts'
import type { AskedPlace, Candidate, SignedImage } from './case.ts'
import { holds, type PolicyOutcome } from './decide.ts'

/** One line for everything that was found: where, by whom, and which step failed with what was expected and found. */
export const candidateRow = (candidate: Candidate): string => {
  switch (candidate.state) {
    case 'judged':
      return `${candidate.where}: ${verdictRow(candidate.verdict)}`
    case 'seen':
      return `${candidate.where}: ${candidate.what}: does not count as a signature`
    case 'notation':
      return `${candidate.where}: ${candidate.words}`
    case 'unreadable':
      return `${candidate.where}: could not be read (${candidate.code}): ${candidate.why}`
  }
}

export const placeRow = ({ at, answer }: AskedPlace): string => `looked at ${at}: ${answer}`

/** Which policy decided, by which authority, and how. */
export const policyRow = (outcome: PolicyOutcome): string => {
  const { policy, ofRoot, reach } = outcome
  const by = ofRoot.authority === undefined || ofRoot.authority === policy.name ? '' : `, ${printable(ofRoot.authority, 80)}`
  const name = `policy ${printable(policy.name, 80)} (${printable(policy.from)}${by})`
  if (reach.kind === 'images')
    return `${name}: holds for the image of each required platform: ${listed(reach.by.map(({ platform }) => platform))}`
  return `${name}: ${holds(outcome) ? `holds: ${ofRoot.found}` : `does not hold: expected ${ofRoot.expected}, found ${ofRoot.found}`}`
}

const verdictRow = (verdict: Verdict): string => {
  const { verified, steps } = verdict
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  const by = `signature ${byWhom(verdict)}`
  if (failed !== undefined) return `${by}: does not count; ${stepNames[failed.step]}: expected ${failed.expected}, found ${failed.actual}`
  const how = steps.find(({ step, outcome }) => step === 'signature' && outcome === 'ok')?.note
  const unchecked = steps
    .filter(({ outcome }) => outcome === 'notChecked')
    .map(({ step, note }) => `${stepNames[step]} not checked: ${note}`)
  return [`${by}: ${verified ? `verified (${how})` : 'not verified'}`, ...unchecked].join('; ')
}

/** What is judged, in full: the digest that the reference points at, and those of the required platforms. */
export const imageRows = ({ repository, digest, root, required }: SignedImage): readonly string[] => [
  `${root === 'index' ? 'index' : 'image'}: ${repository}@${digest}`,
  ...required.map(image => `image for ${image.platform}: ${image.digest ?? image.gap ?? 'none'}`),
]
