import { type Finding, type NotChecked, type Report, type Result, type RunError, type Status, withHint } from '../outcome.ts'

/** All that is said of one plugin, or of the Config where `name` is absent. */
export interface Subject {
  readonly name?: string
  readonly image?: string
  readonly results: readonly Result[]
  readonly notChecked: readonly NotChecked[]
}

export const subjectsOf = (report: Report, images: Readonly<Record<string, string>>): readonly Subject[] => {
  const names = [...new Set([...report.results, ...report.notChecked].map(({ plugin }) => plugin))]
  return names.map(name => {
    const image = name === undefined ? undefined : images[name]
    return {
      ...(name === undefined ? {} : { name }),
      ...(image === undefined ? {} : { image }),
      results: report.results.filter(({ plugin }) => plugin === name),
      notChecked: report.notChecked.filter(({ plugin }) => plugin === name),
    }
  })
}

/** Of what is said of no single plugin. */
export const wholeTitle = ({ results }: Pick<Report, 'results'>): string =>
  results.some(({ check }) => check === 'cluster') ? 'Config and cluster' : 'Config'

/** What stands beside a result's own message: the evidence of that, and further findings; of passes only when asked. */
export const detailsOf = (
  { message, findings }: Result,
  { passes }: { readonly passes: boolean },
): { readonly evidence: readonly string[]; readonly others: readonly Finding[] } => {
  const first = findings.find(finding => finding.message === message)
  return {
    evidence: first?.evidence ?? [],
    others: findings.filter(finding => finding !== first && (finding.status !== 'pass' || passes)),
  }
}

export const countOf = ({ results }: Report, status: Status): number => results.filter(result => result.status === status).length

/** `20 passed, 2 warned (1 accepted), 1 failed, 3 not checked`. */
export const summaryOf = (report: Report): string => {
  const accepted = report.results.filter(result => result.accepted === true).length
  const left = report.notChecked.length
  return [
    `${countOf(report, 'pass')} passed`,
    `${countOf(report, 'warn')} warned${accepted > 0 ? ` (${accepted} accepted)` : ''}`,
    `${countOf(report, 'fail')} failed`,
    ...(left > 0 ? [`${left} not checked`] : []),
  ].join(', ')
}

/** How it ended: the first thing that a person wants to know. A report of nothing is no good news. */
export const verdictOf = (report: Report): { readonly status: Status; readonly words: string } => {
  const [failed, warned] = [countOf(report, 'fail'), report.results.filter(({ status, accepted }) => status === 'warn' && !accepted).length]
  const checks = (count: number) => `${count} ${count === 1 ? 'check' : 'checks'}`
  if (report.error !== undefined) return { status: 'fail', words: endedEarly.has(report.error.code) ? 'Ended early' : 'Could not be run' }
  if (failed > 0) return { status: 'fail', words: `${checks(failed)} failed` }
  if (report.results.length === 0) return { status: 'fail', words: 'Nothing was checked' }
  return warned > 0 ? { status: 'warn', words: `${checks(warned)} warned` } : { status: 'pass', words: 'All checks passed' }
}

const endedEarly = new Set(['TIMED_OUT', 'INTERRUPTED'])

/** `Ended early (TIMED_OUT): …` */
export const errorText = (error: RunError): string =>
  `${endedEarly.has(error.code) ? 'Ended early' : 'Error'} (${error.code}): ${withHint(error)}`
