import { type NotChecked, type Report, type Result, type Status, withHint } from '../outcome.ts'
import type { Reporter } from './reporter.ts'

/** One result as troubleshoot's readers and pipelines know it: `title`, `message`, `uri`, `strict` are theirs, the rest is ours. */
const resultDocument = ({ title, message, uri, strict, check, plugin, code, accepted, findings }: Result) => ({
  title,
  message,
  ...(uri === undefined ? {} : { uri }),
  ...(strict === true ? { strict } : {}),
  check,
  ...(plugin === undefined ? {} : { plugin }),
  code,
  ...(accepted === true ? { accepted } : {}),
  findings,
})

export interface ReportDocument {
  readonly pass: readonly ReturnType<typeof resultDocument>[]
  readonly warn: readonly ReturnType<typeof resultDocument>[]
  readonly fail: readonly ReturnType<typeof resultDocument>[]
  readonly notChecked: readonly NotChecked[]
}

/** An error of the run as a result, so that a reader of fails sees it. */
const errorResult = (error: NonNullable<Report['error']>): Result => {
  const { code } = error
  const message = withHint(error)
  return { title: 'Run', message, check: 'run', code, status: 'fail', findings: [{ status: 'fail', code, message }] }
}

/** The document of `--format json` and `yaml` (design.md 4, Results). */
export const reportDocument = ({ results, notChecked, error }: Report): ReportDocument => {
  const all = error === undefined ? results : [...results, errorResult(error)]
  const of = (status: Status) => all.filter(result => result.status === status).map(resultDocument)
  return { pass: of('pass'), warn: of('warn'), fail: of('fail'), notChecked }
}

export const json: Reporter = report => `${JSON.stringify(reportDocument(report), null, 2)}\n`
