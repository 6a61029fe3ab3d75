import { stringify } from 'yaml'
import type { ImageTable, TableRow, TableStep } from '../analyzers/signature/table.ts'
import type { Result } from '../outcome.ts'
import { printable } from '../redact.ts'
import type { Verification } from '../verify.ts'

export type VerificationFormat = 'text' | 'json' | 'yaml'

/** The document of `verify --format json` and `yaml`: the result of each image, and what hangs on it. */
const documentOf = ({ report, tables, trustedRoot }: Verification) => ({
  ...(trustedRoot === undefined ? {} : { trustedRoot }),
  images: tables.map(({ image, digest, candidates }) => {
    const { status, code, message, findings } = resultOf(report.results, image)
    return { image, ...(digest === undefined ? {} : { digest }), status, code, message, findings, candidates }
  }),
})

const resultOf = (results: readonly Result[], image: string): Pick<Result, 'status' | 'code' | 'message' | 'findings'> => {
  const found = results.find(({ plugin }) => plugin === image)
  if (found !== undefined) return found
  return { status: 'fail', code: 'FACT_MISSING', message: `${printable(image)}: nothing was found out about it.`, findings: [] }
}

export const printVerification = (verification: Verification, format: VerificationFormat): string => {
  if (format === 'text') return verification.tables.map(table => imageText(table, verification)).join('\n')
  const document = documentOf(verification)
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
}

const words = { pass: 'VERIFIED', warn: 'WARN', fail: 'NOT VERIFIED' } as const

const imageText = ({ image, digest, candidates }: ImageTable, { report, trustedRoot }: Verification): string => {
  const { status, message, findings } = resultOf(report.results, image)
  const name = printable(image)
  const without = (text: string) => (text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text)
  const others = findings.filter(finding => finding.message !== message)
  return [
    name,
    ...(digest === undefined || image.endsWith(digest) ? [] : [`  ${digest}`]),
    `  ${words[status]}: ${without(message)}`,
    ...others.map(finding => `  ${finding.status === 'pass' ? 'also' : finding.status}: ${without(finding.message)}`),
    ...(trustedRoot === undefined ? [] : [`  ${trustedRoot}`]),
    // Where nobody could look, nothing is known.
    ...(candidates.length === 0 && digest !== undefined ? ['', '  Nothing hangs on it.'] : candidates.flatMap(rowText)),
    '',
  ].join('\n')
}

const rowText = ({ where, form, signer, proven, policy, verdict, reason, steps }: TableRow): readonly string[] => [
  '',
  `  ${where}`,
  `    form     ${form}`,
  ...(signer === undefined ? [] : [`    signer   ${signer}${proven ? '' : ', as it says'}`]),
  ...(policy === undefined ? [] : [`    for      ${policy}`]),
  `    verdict  ${verdictWords[verdict]}${reason === undefined ? '' : `: ${reason}`}`,
  ...steps.map(stepText),
]

const verdictWords = {
  verified: 'verified',
  rejected: 'does not count',
  other: 'not what is asked for',
  unreadable: 'could not be read',
} as const

const outcomeWords = { ok: 'ok', failed: 'failed', notChecked: 'not checked' } as const

const stepText = ({ step, outcome, expected, found, note }: TableStep): string => {
  const why = expected === undefined ? note : `expected ${expected}, found ${found}${note === undefined ? '' : ` (${note})`}`
  return `    ${outcomeWords[outcome].padEnd(11)}  ${step}${why === undefined ? '' : `: ${why}`}`
}
