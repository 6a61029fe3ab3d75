import { writeFile } from 'node:fs/promises'
import type { Io } from '../cli.ts'
import { errorCodes, PreflightError } from '../errors.ts'
import type { Report } from '../outcome.ts'
import { exitCodeOf, type ReportFormat, reporters } from '../report.ts'
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

export interface ReportAbout {
  readonly subject: string
  readonly platforms: readonly string[]
  readonly platformsFrom?: ReportContext['platformsFrom']
  readonly images: Readonly<Record<string, string>>
}

const context = (about: ReportAbout, { stdout, env }: Io, { output, verbose = false }: Omit<ReportTarget, 'format'>): ReportContext => ({
  ...about,
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
  const { format, output } = target
  const unwritten = await writeRecords(made, io)
  const report = unwritten === undefined ? made : withError(made, unwritten)
  const text = (what: Report, to: ReportTarget) => reporters[format](what, context(about, io, to))
  try {
    await (output === undefined ? print(io.stdout, text(report, target)) : writeFile(output, text(report, target)))
    return exitCodeOf(report)
  } catch (cause) {
    if (output === undefined) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    const all = withError(report, new PreflightError('OUTPUT_UNWRITABLE', `The report could not be written to ${output}: ${why}.`))
    await print(io.stdout, text(all, { format }))
    return exitCodeOf(all)
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

/**
 * Says on standard error why the run could not go on, and, when a machine reads, as a document on standard output too.
 * @returns the exit code
 */
export const failedRun = async (
  error: unknown,
  { format, debug }: { readonly format: ReportFormat; readonly debug: boolean },
  io: Io,
): Promise<number> => {
  const known = asPreflightError(error)
  const { code, message, hint, cause } = known
  io.stderr.write(`Error (${code}): ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
  if (debug && cause instanceof Error) io.stderr.write(`${cause.stack ?? cause.message}\n`)
  const report = withError({ results: [], notChecked: [] }, known)
  await writeRecords(report, io)
  if (format !== 'human') {
    await print(io.stdout, reporters[format](report, context({ subject: '', platforms: [], images: {} }, io, {}))).catch(() => {})
  }
  return errorCodes[code].exit === 3 ? 1 : errorCodes[code].exit
}
