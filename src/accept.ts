import { PreflightError } from './errors.ts'
import type { Finding, Report, Result } from './outcome.ts'

/** `--accept CODE[@PLUGIN][=YYYY-MM-DD]`: a warn that the user knows and takes, for one plugin or all, until the end of a day. */
export interface Acceptance {
  readonly code: string
  readonly plugin?: string
  /** First moment at which it no longer holds. */
  readonly until?: Date
  /** As written, for messages. */
  readonly text: string
}

/** @throws PreflightError USAGE when the form, the code or the date is not valid */
export const parseAcceptance = (text: string, knownCodes: ReadonlySet<string>): Acceptance => {
  const usage = (what: string) =>
    new PreflightError('USAGE', `--accept ${text}: ${what}`, {
      hint: 'Write --accept CODE[@PLUGIN][=YYYY-MM-DD], for example IMAGE_TAG_MOVED@velero-postgresql=2026-12-31.',
    })
  const { code, plugin, date } = /^(?<code>[^@=]+)(?:@(?<plugin>[^=]+))?(?:=(?<date>.+))?$/.exec(text)?.groups ?? {}
  if (code === undefined) throw usage('there is no code in it.')
  if (!knownCodes.has(code)) throw usage(`no check gives the code ${code}; docs/errors.md lists all codes.`)
  if (date === undefined) return { code, text, ...(plugin === undefined ? {} : { plugin }) }
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : new Date(Number.NaN)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) throw usage(`${date} is not a date of the form YYYY-MM-DD.`)
  const until = new Date(day.getTime() + 24 * 60 * 60 * 1000)
  return { code, text, until, ...(plugin === undefined ? {} : { plugin }) }
}

const covers = (acceptance: Acceptance, finding: Finding, plugin: string | undefined): boolean =>
  acceptance.code === finding.code && (acceptance.plugin === undefined || acceptance.plugin === plugin)

const acceptFinding = (finding: Finding, plugin: string | undefined, acceptances: readonly Acceptance[], now: Date): Finding => {
  if (finding.status !== 'warn') return finding
  const matching = acceptances.filter(acceptance => covers(acceptance, finding, plugin))
  const holding = matching.find(({ until }) => until === undefined || now < until)
  if (holding !== undefined)
    return { ...finding, accepted: true, evidence: [...(finding.evidence ?? []), `accepted by --accept ${holding.text}`] }
  if (matching[0] === undefined) return finding
  return { ...finding, evidence: [...(finding.evidence ?? []), `--accept ${matching[0].text} has ended`] }
}

const acceptResult = (result: Result, acceptances: readonly Acceptance[], now: Date): Result => {
  if (result.status !== 'warn') return result
  const findings = result.findings.map(finding => acceptFinding(finding, result.plugin, acceptances, now))
  const open = findings.find(({ status, accepted }) => status !== 'pass' && accepted !== true)
  if (open?.code === result.code) return { ...result, findings }
  if (open !== undefined) return { ...result, findings, code: open.code, message: open.message }
  return findings.some(({ accepted }) => accepted === true) ? { ...result, findings, accepted: true } : { ...result, findings }
}

/** Marks the warns that `acceptances` take. A fail stays a fail, and everything is still shown. */
export const accept = (report: Report, acceptances: readonly Acceptance[], now: Date): Report =>
  acceptances.length === 0 ? report : { ...report, results: report.results.map(result => acceptResult(result, acceptances, now)) }
