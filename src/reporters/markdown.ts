import { Buffer } from 'node:buffer'
import type { Finding, Report, Result, Status } from '../outcome.ts'
import { inHtml, inLine } from './markdown/escape.ts'
import { withoutName } from './plain-text.ts'
import type { ReportContext, Reporter } from './reporter.ts'
import { detailsOf, errorText, type Subject, subjectsOf, summaryOf, verdictOf, wholeTitle } from './subjects.ts'

const icons = { pass: '✅', warn: '⚠️', fail: '❌' } as const satisfies Record<Status, string>
const skipped = '➖'

/** GitHub refuses a job summary of more than 1 MiB as a whole. */
const limitBytes = 1_000_000

const nameOf = (subject: Subject): string => subject.name ?? wholeTitle(subject)

/** A row for each plugin, a column for each check. */
const matrix = (subjects: readonly Subject[], checks: readonly string[]): readonly string[] => [
  `| | ${checks.map(inLine).join(' | ')} |`,
  `| --- |${' :---: |'.repeat(checks.length)}`,
  ...subjects.map(subject => `| ${inLine(nameOf(subject))} | ${checks.map(check => cellOf(subject, check)).join(' | ')} |`),
]

const cellOf = ({ results, notChecked }: Subject, check: string): string => {
  const result = results.find(one => one.check === check)
  if (result !== undefined) return icons[result.status]
  return notChecked.some(one => one.check === check) ? skipped : ''
}

const evidenceList = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map(line => `<li>${inHtml(line)}</li>`).join('')}</ul>`

const findingItem = ({ status, code, message, evidence = [] }: Finding, plugin: string | undefined): string =>
  `<li>${icons[status]} <code>${inHtml(code)}</code> ${inHtml(withoutName(message, plugin))}${evidenceList(evidence)}</li>`

/** HTML of one line, so that nothing in it ends the block that it folds. */
const folded = (result: Result, { verbose }: ReportContext): readonly string[] => {
  const { evidence, others } = detailsOf(result, { passes: verbose })
  if (evidence.length === 0 && others.length === 0) return []
  const more = others.length === 0 ? '' : `<ul>${others.map(finding => findingItem(finding, result.plugin)).join('')}</ul>`
  return ['', `  <details><summary>Evidence</summary>${evidenceList(evidence)}${more}</details>`]
}

const resultLines = (result: Result, context: ReportContext): readonly string[] => {
  const { status, check, code, message, plugin, accepted } = result
  const taken = accepted === true ? ' (accepted)' : ''
  return [
    `- ${icons[status]} **${inLine(check)}** <code>${inLine(code)}</code>${taken}: ${inLine(withoutName(message, plugin))}`,
    ...folded(result, context),
  ]
}

const section = (subject: Subject, context: ReportContext): string => {
  const shown = subject.results.filter(({ status }) => status !== 'pass' || context.verbose)
  return [
    '',
    `### ${inLine(nameOf(subject))}`,
    '',
    ...(subject.image === undefined ? [] : [`<code>${inLine(subject.image)}</code>`, '']),
    ...shown.flatMap(result => resultLines(result, context)),
    ...subject.notChecked.map(({ check, why }) => `- ${skipped} **${inLine(check)}** not checked: ${inLine(why)}`),
    '',
  ].join('\n')
}

const isNews = ({ results, notChecked }: Subject, { verbose }: ReportContext): boolean =>
  verbose || notChecked.length > 0 || results.some(({ status }) => status !== 'pass')

const rankOf = ({ results }: Subject): number => (results.some(({ status }) => status === 'fail') ? 0 : 1)

/** Whole sections as long as there is room: fails first. */
const fitting = (sections: readonly string[], roomBytes: number): readonly string[] => {
  let left = roomBytes
  const fit = sections.filter(text => {
    left -= Buffer.byteLength(text)
    return left >= 0
  })
  const missing = sections.length - fit.length
  return missing === 0 ? fit : [...fit, `\n**${missing} more with something to say do not fit here:** see another format of this report.\n`]
}

const headOf = (report: Report, { subject, platforms, version }: ReportContext): readonly string[] => {
  const { status, words } = verdictOf(report)
  const about = [subject, ...platforms].filter(text => text !== '').map(text => `<code>${inLine(text)}</code>`)
  return [
    `## ${icons[status]} Velero plugins: ${words}`,
    '',
    ...(about.length === 0 ? [] : [about.join(' · '), '']),
    ...(report.error === undefined ? [] : [`${icons.fail} **${inLine(errorText(report.error))}**`, '']),
    `${summaryOf(report)} · velero-plugin-preflight ${inLine(version)}`,
  ]
}

/** For the summary of a CI job: a table of all checks, then what is no pass in sentences, its evidence folded. */
export const markdown: Reporter = (report, context) => {
  const subjects = subjectsOf(report, context.images)
  const checks = [...new Set([...report.results, ...report.notChecked].map(({ check }) => check))]
  const table = subjects.length === 0 ? [] : ['', ...matrix(subjects, checks)]
  const tableFits = Buffer.byteLength(table.join('\n')) < limitBytes / 2
  const head = [...headOf(report, context), ...(tableFits ? table : [])].join('\n')
  const sections = subjects
    .filter(subject => isNews(subject, context))
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .map(subject => section(subject, context))
  return `${[head, ...fitting(sections, limitBytes - Buffer.byteLength(head))].join('\n').trimEnd()}\n`
}
