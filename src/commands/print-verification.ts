import { stringify } from 'yaml'
import type { ImageTable, TableRow, TableStep } from '../analyzers/signature/table.ts'
import { type Report, type Result, withHint } from '../outcome.ts'
import { printable } from '../redact.ts'
import type { Verification } from '../verify.ts'

export type VerificationFormat = 'text' | 'json' | 'yaml'

/** The document of `verify --format json` and `yaml`: the result of each image, and what hangs on it (specs/schema/verification.json). */
const documentOf = ({ report, tables, verified, trustedRoot }: Verification) => ({
  ...(report.error === undefined ? {} : { error: report.error }),
  ...(trustedRoot === undefined ? {} : { trustedRoot }),
  images: tables.map(({ image, digest, candidates }) => ({
    image,
    ...(digest === undefined ? {} : { digest }),
    verified: verified.has(image),
    ...briefly(verdictOf(report, image)),
    ...attestation(resultOf(report, image, 'attestation')),
    candidates,
  })),
})

type Told = Pick<Result, 'status' | 'code' | 'message' | 'findings'>

const briefly = ({ status, code, message, findings }: Told): Told => ({ status, code, message, findings })

const attestation = (result: Told | undefined) => (result === undefined ? {} : { attestation: briefly(result) })

const resultOf = ({ results }: Report, image: string, asked: 'signature' | 'attestation'): Told | undefined =>
  results.find(({ plugin, check }) => plugin === image && check === asked)

/** Of the signature; where that is put off for attestations that a policy wants in its place, of these. */
const verdictOf = (report: Report, image: string): Told =>
  resultOf(report, image, isPutOff(report, image) ? 'attestation' : 'signature') ?? nothingKnown(image)

const isPutOff = ({ notChecked }: Report, image: string): boolean =>
  notChecked.some(({ check, plugin }) => check === 'signature' && plugin === image)

const nothingKnown = (image: string): Told => ({
  status: 'fail',
  code: 'FACT_MISSING',
  message: `${printable(image)}: nothing was found out about it.`,
  findings: [],
})

export const printVerification = (verification: Verification, format: VerificationFormat): string => {
  if (format === 'text') return [...verification.tables.map(table => imageText(table, verification)), ...errorText(verification)].join('\n')
  const document = documentOf(verification)
  return format === 'json' ? `${JSON.stringify(document, null, 2)}\n` : stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
}

const errorText = ({ report: { error } }: Verification): readonly string[] =>
  error === undefined ? [] : [`Error (${error.code}): ${withHint(error)}\n`]

const imageText = ({ image, digest, candidates }: ImageTable, { report, verified, trustedRoot }: Verification): string => {
  const attested = isPutOff(report, image) ? undefined : resultOf(report, image, 'attestation')
  return [
    printable(image),
    ...(digest === undefined || image.endsWith(digest) ? [] : [`  ${digest}`]),
    ...resultText(verdictOf(report, image), image, verified.has(image) ? 'VERIFIED' : 'NOT VERIFIED'),
    ...(attested === undefined ? [] : resultText(attested, image, attested.status === 'fail' ? 'NOT ATTESTED' : 'ATTESTED')),
    ...(trustedRoot === undefined ? [] : [`  ${trustedRoot}`]),
    // Where nobody could look, nothing is known.
    ...(candidates.length === 0 && digest !== undefined ? ['', '  Nothing hangs on it.'] : candidates.flatMap(rowText)),
    '',
  ].join('\n')
}

/** What holds first, of what is verified; else what is worst. */
const resultText = ({ message, findings }: Told, image: string, word: string): readonly string[] => {
  const name = printable(image)
  const without = (text: string) => (text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text)
  const first = (word.startsWith('NOT') ? undefined : findings.find(({ status }) => status === 'pass')?.message) ?? message
  const others = findings.filter(finding => finding.message !== first)
  return [
    `  ${word}: ${without(first)}`,
    ...others.map(finding => `  ${finding.status === 'pass' ? 'also' : finding.status}: ${without(finding.message)}`),
  ]
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
