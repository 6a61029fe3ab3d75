import { nobody, type StepName, type Verdict } from '../signatures/verdict.ts'

export const stepNames: Readonly<Record<StepName, string>> = {
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

/** By whom, and that it is a claim as long as neither a trusted key nor a trusted authority proves it. */
export const byWhom = ({ signer, key, certified }: Verdict): string =>
  key !== undefined || certified !== undefined || signer === nobody.signer ? `by ${signer}` : `by ${signer}, as it says`

/** The step that failed, with what was expected and found. */
export const failedStep = ({ steps }: Verdict): string => {
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  if (failed !== undefined) return `${stepNames[failed.step]}: expected ${failed.expected}, found ${failed.actual}`
  const unchecked = steps.find(({ outcome }) => outcome === 'notChecked')
  return unchecked === undefined ? 'not verified' : `${stepNames[unchecked.step]} not checked: ${unchecked.note}`
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
