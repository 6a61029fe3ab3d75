import { writeFile } from 'node:fs/promises'
import type { Io } from '../cli.ts'
import { describeCode } from '../code-docs.ts'
import { errorCodes, PreflightError } from '../errors.ts'
import type { Report } from '../outcome.ts'
import { exitCodeOf, reporters } from '../report.ts'
import type { ReportFormat } from '../reporters/formats.ts'
import type { ReportContext } from '../reporters/reporter.ts'
import { version } from '../version.ts'
import { print } from './print.ts'
import { writeRecords } from './write-records.ts'

/** Where a report goes and how it looks there. */
export interface ReportTarget {
  readonly format: ReportFormat
  readonly output?: string | undefined
  readonly verbose?: boolean
}

export type ReportAbout = Pick<ReportContext, 'subject' | 'platforms' | 'platformsFrom' | 'images' | 'places' | 'collectedAt'>

const context = (about: ReportAbout, { stdout, env }: Io, { output, verbose = false }: Omit<ReportTarget, 'format'>): ReportContext => ({
  ...about,
  describe: describeCode,
  verbose,
  version,
  node: env.NODE_NAME || undefined,
  // A terminal that does not know its width says 0.
  width: output === undefined && stdout.isTTY === true ? Math.max(60, Math.min(stdout.columns || 100, 140)) : 100,
  colour: output === undefined && stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
})

/**
 * Writes the report to the file that was named, else to standard output; there too when the file cannot be written, so that
 * what was found is not lost.
 *
 * @returns the exit code
 * @throws PreflightError OUTPUT_UNWRITABLE
 */
export const writeReport = async (made: Report, about: ReportAbout, target: ReportTarget, io: Io): Promise<number> => {
  const unrecorded = await writeRecords(made, io)
  const report = unrecorded === undefined ? made : withError(made, unrecorded)
  const text = (what: Report, to: ReportTarget) => reporters[to.format](what, context(about, io, to))
  const unwritten = await writeFileOrPrint(text(report, target), target, io)
  if (unwritten === undefined) return exitCodeOf(report)
  const all = withError(report, unwritten)
  await print(io.stdout, text(all, { format: target.format }))
  return exitCodeOf(all)
}

/** The same for an answer that is not a report's. */
export const writeText = async (text: string, report: Report, target: ReportTarget, io: Io): Promise<number> => {
  const unwritten = await writeFileOrPrint(text, target, io)
  if (unwritten === undefined) return exitCodeOf(report)
  await print(io.stdout, text)
  return failedRun(unwritten, { format: 'human', debug: false }, io)
}

const writeFileOrPrint = async (text: string, { output }: ReportTarget, io: Io): Promise<PreflightError | undefined> => {
  if (output === undefined) {
    await print(io.stdout, text)
    return undefined
  }
  try {
    await writeFile(output, text)
    return undefined
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new PreflightError('OUTPUT_UNWRITABLE', `The report could not be written to ${output}: ${why}.`)
  }
}

/** A report of a run that did not come to its end; the first reason stays. */
export const withError = (report: Report, { code, message, hint }: PreflightError): Report => ({
  ...report,
  error: report.error ?? { code, message, ...(hint === undefined ? {} : { hint }) },
})

const asPreflightError = (error: unknown): PreflightError =>
  error instanceof PreflightError
    ? error
    : new PreflightError('INTERNAL', `A defect of this program: ${error instanceof Error ? error.message : String(error)}.`, {
        cause: error,
        hint: 'Please report it with what --debug prints.',
      })

export type FailedTarget = ReportTarget & { readonly debug: boolean; readonly metricsFile?: string | undefined }

const nothing: ReportAbout = { subject: '', platforms: [], images: {} }

/**
 * Says on standard error why the run could not go on, and, when a machine reads or a file was named, as a document there too: a
 * file that an earlier run left must not be taken for the answer of this one.
 * @returns the exit code
 */
export const failedRun = async (error: unknown, { debug, metricsFile, ...target }: FailedTarget, io: Io): Promise<number> => {
  const known = asPreflightError(error)
  const { code, message, hint, cause } = known
  io.stderr.write(`Error (${code}): ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
  if (debug && cause instanceof Error) io.stderr.write(`${cause.stack ?? cause.message}\n`)
  const report = withError({ results: [], notChecked: [] }, known)
  if (target.format !== 'human' || target.output !== undefined) await writeReport(report, nothing, target, io).catch(() => {})
  else await writeRecords(report, io)
  const exitCode = errorCodes[code].exit === 3 ? 1 : errorCodes[code].exit
  if (metricsFile !== undefined) {
    const { writeMetrics } = await import('./metrics-file.ts')
    const unwritten = await writeMetrics(metricsFile, { report, exitCode, now: new Date() })
    if (unwritten !== undefined) io.stderr.write(`Error (${unwritten.code}): ${unwritten.message}\n`)
  }
  return exitCode
}
