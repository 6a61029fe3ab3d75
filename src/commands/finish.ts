import type { Io } from '../cli.ts'
import type { PreflightError } from '../errors.ts'
import type { Measure } from '../measure.ts'
import type { Report } from '../outcome.ts'
import { exitCodeOf } from '../report.ts'
import type { Settings } from '../settings.ts'
import { type ReportAbout, withError, writeReport } from './output.ts'

/** `--metrics-file`; gives why it could not be written. */
export const saveMetrics = async (
  report: Report,
  exitCode: number,
  { metricsFile }: Settings,
  measure: Measure,
): Promise<PreflightError | undefined> => {
  if (metricsFile === undefined) return undefined
  const { writeMetrics } = await import('./metrics-file.ts')
  return writeMetrics(metricsFile, { report, exitCode, now: new Date(), measured: measure.read() })
}

/** The end of a run: metrics, then the report, which says so where they could not be written. @returns the exit code */
export const finish = async (report: Report, about: ReportAbout, settings: Settings, io: Io, measure: Measure): Promise<number> =>
  finishWith(report, all => writeReport(all, about, settings, io), settings, measure)

/** @param write writes what is said, and gives the exit code */
export const finishWith = async (
  report: Report,
  write: (report: Report) => Promise<number>,
  settings: Settings,
  measure: Measure,
): Promise<number> => {
  const unwritten = await saveMetrics(report, exitCodeOf(report), settings, measure)
  const code = await write(unwritten === undefined ? report : withError(report, unwritten))
  // The report could not go where it should: the metrics must not say that all went well.
  if (unwritten === undefined && code !== exitCodeOf(report)) await saveMetrics(report, code, settings, measure)
  return code
}
