import { checks, commonCodes } from './checks.ts'
import { type ErrorCode, errorCodes } from './errors.ts'
import type { CheckKind } from './facts.ts'
import type { CodeDoc } from './outcome.ts'

/** One meaning of a code: a check's, any check's, or of a run or fact that could not be had. */
export interface CodeMeaning extends CodeDoc {
  readonly code: string
  readonly of: { readonly check: CheckKind } | 'any check' | { readonly exit: 1 | 2 | 3 }
}

const kinds = Object.keys(checks) as CheckKind[]

/** Everything that docs/errors.md says, in its order. */
export const codeMeanings: readonly CodeMeaning[] = [
  ...kinds.flatMap(check => Object.entries(checks[check].codes).map(([code, doc]) => ({ ...doc, code, of: { check } }))),
  ...Object.entries(commonCodes).map(([code, doc]) => ({ ...doc, code, of: 'any check' as const })),
  ...(Object.keys(errorCodes) as ErrorCode[]).map(code => {
    const { exit, meaning } = errorCodes[code]
    return { status: 'fail' as const, meaning, code, of: { exit } }
  }),
]

/** What `check` means by `code`; what the check has no word of its own for is any check's, or an error's. */
export const describeCode = (code: string, check: string): CodeDoc | undefined => {
  const all = codeMeanings.filter(one => one.code === code)
  return all.find(({ of }) => typeof of === 'object' && 'check' in of && of.check === check) ?? all[0]
}

/** Codes that `--accept` may take: of a warn. */
export const warnCodes: readonly string[] = [...new Set(codeMeanings.filter(({ status }) => status === 'warn').map(({ code }) => code))]
