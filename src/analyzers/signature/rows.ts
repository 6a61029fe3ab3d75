import { printable } from '../../redact.ts'
import { nobody, type StepName, type Verdict } from '../../signatures/verdict.ts'
import type { AskedPlace, Candidate, SignedImage } from './case.ts'
import { holds, type PolicyOutcome } from './decide.ts'

const stepNames: Readonly<Record<StepName, string>> = {
  format: 'format',
  purpose: 'purpose',
  image: 'image digest',
  signature: 'signature',
  logEntry: 'log entry',
  logInclusion: 'inclusion in the log',
  timestamp: 'timestamp',
  certificate: 'certificate',
  sct: 'certificate timestamp',
  identity: 'identity',
}

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

/** By whom, and that it is a claim as long as neither a trusted key nor a trusted authority proves it. */
export const byWhom = ({ signer, key, certified }: Verdict): string =>
  key !== undefined || certified !== undefined || signer === nobody.signer ? `by ${signer}` : `by ${signer}, as it says`

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

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
