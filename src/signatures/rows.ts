import type { AskedPlace, Candidate } from './case.ts'
import type { StepName, Verdict } from './verdict.ts'

const stepNames: Readonly<Record<StepName, string>> = {
  format: 'format',
  purpose: 'purpose',
  image: 'image digest',
  signature: 'signature',
  logEntry: 'log entry',
  logInclusion: 'inclusion in the log',
  timestamp: 'timestamp',
}

/** One line for everything that was found: where, by whom, and which step failed with what was expected and found. */
export const candidateRow = (candidate: Candidate): string => {
  switch (candidate.state) {
    case 'judged':
      return `signature ${candidate.where}: ${verdictRow(candidate.verdict)}`
    case 'seen':
      return `${candidate.where}: ${candidate.what}, which does not count as a signature`
    case 'unreadable':
      return `signature ${candidate.where}: could not be read: ${candidate.why}`
  }
}

export const placeRow = ({ at, answer }: AskedPlace): string => `looked at ${at}: ${answer}`

const verdictRow = ({ verified, signer, steps }: Verdict): string => {
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  if (failed !== undefined)
    return `does not count, by ${signer}; ${stepNames[failed.step]}: expected ${failed.expected}, found ${failed.actual}`
  const how = steps.find(({ step, outcome }) => step === 'signature' && outcome === 'ok')?.note
  const unchecked = steps
    .filter(({ outcome }) => outcome === 'notChecked')
    .map(({ step, note }) => `${stepNames[step]} not checked: ${note}`)
  return [`${verified ? 'verified' : 'not verified'}, by ${signer}`, ...(how === undefined ? [] : [how]), ...unchecked].join('; ')
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
