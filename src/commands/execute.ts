import { join } from 'node:path'
import { bundleName, readBundle, writeBundle } from '../bundle.ts'
import type { Io } from '../cli.ts'
import { PreflightError } from '../errors.ts'
import type { Collection } from '../facts.ts'
import type { Report } from '../outcome.ts'
import { gather, judge, type Live, pluginsIn, vocabulary } from '../preflight.ts'
import { createProgress } from '../progress.ts'
import { exitCodeOf } from '../report.ts'
import { type Flags, resolveSettings, type Settings } from '../settings.ts'
import { failedRun, type ReportAbout, writeReport } from './output.ts'

const settle = (flags: Flags, specs: readonly string[], io: Io): Settings => resolveSettings(flags, specs, io.env, new Date(), vocabulary)

const about = (collection: Collection, subject: string, settings: Settings): ReportAbout => ({
  subject,
  platforms: settings.platforms ?? collection.platforms,
  images: Object.fromEntries(pluginsIn(collection).map(({ plugin, image }) => [plugin, image])),
})

/** Collects with a time limit and with signals turned into an early but orderly end; gives why it ended early, if it did. */
const collectLive = async (settings: Settings, io: Io): Promise<{ collection: Collection; early: PreflightError | undefined }> => {
  const controller = new AbortController()
  let early: PreflightError | undefined
  const end = (error: PreflightError) => {
    early ??= error
    controller.abort(early)
    // A Config that is still awaited there would never come.
    io.stdin.destroy()
  }
  const timer = setTimeout(() => end(timedOut(settings.timeoutMs)), settings.timeoutMs)
  const onSignal = () => end(new PreflightError('INTERRUPTED', 'The run was interrupted before this was checked.'))
  io.on('SIGINT', onSignal)
  io.on('SIGTERM', onSignal)
  const progress = createProgress(io.stderr, settings)
  const trace = settings.debug ? (line: string) => io.stderr.write(`debug: ${line}\n`) : undefined
  const live: Live = { stdin: io.stdin, signal: controller.signal, progress: progress.event, trace }
  try {
    return { collection: await gather(settings, live), early }
  } catch (error) {
    throw early ?? error
  } finally {
    clearTimeout(timer)
    io.off('SIGINT', onSignal)
    io.off('SIGTERM', onSignal)
    progress.end()
  }
}

const timedOut = (timeoutMs: number) =>
  new PreflightError('TIMED_OUT', `The run had not ended after ${timeoutMs / 1000} s, before this was checked.`, {
    hint: 'Give it longer with --timeout, or see with --debug which host does not answer.',
  })

const earlyEnd = (report: Report, { code, message, hint }: PreflightError): Report => ({
  ...report,
  error: { code, message, ...(hint === undefined ? {} : { hint }) },
})

/** `run`: collect, analyze, bundle, report. */
export const run = async (flags: Flags, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  const { collection, early } = await collectLive(settings, io)
  const judged = await judge(collection, settings)
  const report = early === undefined ? judged : earlyEnd(judged, early)
  await writeReport(report, about(collection, settings.configs.join(', '), settings), settings, io)
  if (settings.bundle) await saveBundle(collection, judged, join(io.cwd(), `${bundleName(settings.now)}.tar.gz`), settings, io)
  return early === undefined ? exitCodeOf(report) : 1
}

/** `collect`: the bundle alone. */
export const collectOnly = async (flags: Flags, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  const { collection, early } = await collectLive(settings, io)
  const path = settings.output ?? join(io.cwd(), `${bundleName(settings.now)}.tar.gz`)
  await saveBundle(collection, { results: [], notChecked: [] }, path, settings, io)
  return early === undefined ? 0 : failedRun(early, settings, io)
}

/** `analyze`: a bundle judged again, with no network. */
export const analyzeOnly = async (flags: Flags, bundle: string, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  const collection = await readBundle(bundle)
  const report = await judge(collection, settings)
  await writeReport(report, about(collection, bundle, settings), settings, io)
  return exitCodeOf(report)
}

const saveBundle = async (collection: Collection, report: Report, path: string, settings: Settings, io: Io): Promise<void> => {
  await writeBundle(collection, report, path, settings.now)
  if (!settings.quiet) io.stderr.write(`Bundle written to ${path}\n`)
}
