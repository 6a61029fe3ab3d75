import { writeFile } from 'node:fs/promises'
import type { Io } from '../cli.ts'
import { errorCodes, PreflightError } from '../errors.ts'
import type { Report } from '../outcome.ts'
import { type ReportFormat, reporters } from '../report.ts'
import type { ReportContext } from '../reporters/reporter.ts'
import { version } from '../version.ts'

/** Where a report goes and how it looks there. */
export interface ReportTarget {
  readonly format: ReportFormat
  readonly output?: string | undefined
  readonly verbose?: boolean
}

export interface ReportAbout {
  readonly subject: string
  readonly platforms: readonly string[]
  readonly images: Readonly<Record<string, string>>
}

const context = (about: ReportAbout, { stdout, env }: Io, { output, verbose = false }: Omit<ReportTarget, 'format'>): ReportContext => ({
  ...about,
  verbose,
  version,
  width: output === undefined && stdout.isTTY === true ? Math.max(60, Math.min(stdout.columns ?? 100, 140)) : 100,
  colour: output === undefined && stdout.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
})

/** @throws PreflightError OUTPUT_UNWRITABLE */
export const writeReport = async (report: Report, about: ReportAbout, target: ReportTarget, io: Io): Promise<void> => {
  const { format, output } = target
  const text = reporters[format](report, context(about, io, target))
  if (output === undefined) {
    io.stdout.write(text)
    return
  }
  try {
    await writeFile(output, text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PreflightError('OUTPUT_UNWRITABLE', `The report could not be written to ${output}: ${why}.`, { cause })
  }
}

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
export const failedRun = (
  error: unknown,
  { format, debug }: { readonly format: ReportFormat; readonly debug: boolean },
  io: Io,
): number => {
  const { code, message, hint, cause } = asPreflightError(error)
  io.stderr.write(`Error (${code}): ${message}\n${hint === undefined ? '' : `${hint}\n`}`)
  if (debug && cause instanceof Error) io.stderr.write(`${cause.stack ?? cause.message}\n`)
  if (format !== 'human') {
    const report: Report = { results: [], notChecked: [], error: { code, message, ...(hint === undefined ? {} : { hint }) } }
    io.stdout.write(reporters[format](report, context({ subject: '', platforms: [], images: {} }, io, {})))
  }
  return errorCodes[code].exit === 3 ? 1 : errorCodes[code].exit
}
