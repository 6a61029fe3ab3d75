import { join } from 'node:path'
import { addToBundle } from '../bundle/add-to-bundle.ts'
import { bundleName, readBundle, writeBundle } from '../bundle.ts'
import { vocabulary } from '../chosen-checks.ts'
import type { Io } from '../cli.ts'
import { PreflightError } from '../errors.ts'
import type { Collection } from '../facts.ts'
import type { Report } from '../outcome.ts'
import { checkTrust, gather, judge, type Live, pluginsIn } from '../preflight.ts'
import { createProgress } from '../progress.ts'
import { type Flags, resolveSettings, type Settings } from '../settings.ts'
import { failedRun, type ReportAbout, withError, writeReport } from './output.ts'

export const settle = (flags: Flags, specs: readonly string[], io: Io): Settings =>
  resolveSettings(flags, specs, io.env, new Date(), vocabulary)

/** The Config that was given, else the one that the cluster holds. */
const subjectOf = ({ configs, fromBundle }: Settings, { facts }: Collection): string =>
  [...configs, ...(fromBundle === undefined ? [] : [fromBundle])].join(', ') || (facts.config?.[0]?.position.file ?? '')

const about = (collection: Collection, subject: string, settings: Settings): ReportAbout => ({
  subject,
  platforms: settings.platforms ?? collection.platforms,
  platformsFrom: settings.platforms === undefined ? collection.platformsFrom : 'flag',
  images: Object.fromEntries(pluginsIn(collection).map(({ plugin, image }) => [plugin, image])),
})

/** Collects with a time limit and with signals turned into an early but orderly end; gives why it ended early, if it did. */
export const collectLive = async (
  settings: Settings,
  io: Io,
  collect: (settings: Settings, live: Live) => Promise<Collection> = gather,
): Promise<{ readonly collection: Collection; readonly early: PreflightError | undefined }> => {
  const controller = new AbortController()
  let early: PreflightError | undefined
  const end = (error: PreflightError) => {
    early ??= error
    controller.abort(early)
    // A Config that is still awaited there would never come.
    io.stdin.destroy()
  }
  const timer = setTimeout(() => end(timedOut(settings.timeoutMs)), settings.timeoutMs)
  const onSignal = () => {
    // A second one does what signals do: a pipe that nobody writes to cannot be left in another way.
    leave()
    end(new PreflightError('INTERRUPTED', 'The run was stopped by a signal.'))
  }
  const leave = () => {
    io.off('SIGINT', onSignal)
    io.off('SIGTERM', onSignal)
  }
  io.on('SIGINT', onSignal)
  io.on('SIGTERM', onSignal)
  const progress = createProgress(io.stderr, settings)
  const trace = settings.debug ? (line: string) => io.stderr.write(`debug: ${line}\n`) : undefined
  const live: Live = { stdin: io.stdin, signal: controller.signal, progress: progress.event, trace }
  try {
    return { collection: await collect(settings, live), early }
  } catch (error) {
    throw early ?? error
  } finally {
    clearTimeout(timer)
    leave()
    progress.end()
  }
}

const timedOut = (timeoutMs: number) =>
  new PreflightError('TIMED_OUT', `The run was stopped by --timeout, after ${timeoutMs / 1000} s.`, {
    hint: 'Give it longer with --timeout, or see with --debug which host does not answer.',
  })

/** `run`: collect, analyze, bundle, report. */
export const run = async (flags: Flags, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  await checkTrust(settings)
  const { collection, early } = await collectLive(settings, io)
  const judged = await judge(collection, settings)
  const writes = settings.bundle && settings.fromBundle === undefined
  const unsaved = writes ? await saveBundle(collection, judged, workingFile(settings, io), settings, io) : undefined
  const reasons = [early, unsaved].filter(reason => reason !== undefined)
  return writeReport(reasons.reduce(withError, judged), about(collection, subjectOf(settings, collection), settings), settings, io)
}

/** `collect`: the bundle alone. */
export const collectOnly = async (flags: Flags, specs: readonly string[], io: Io): Promise<number> => {
  if (flags.output === '-') throw new PreflightError('USAGE', '--output -: a bundle is not written to standard output.')
  const settings = settle(flags, specs, io)
  const { collection, early } = await collectLive(settings, io)
  const { into, output = workingFile(settings, io) } = settings
  const nothing = { results: [], notChecked: [] }
  const unsaved = await (into === undefined
    ? saveBundle(collection, nothing, output, settings, io)
    : save(into, settings, io, () => addToBundle(collection, into, settings.now)))
  const reason = early ?? unsaved
  return reason === undefined ? 0 : failedRun(reason, settings, io)
}

/** `analyze`: a bundle judged again, with no network. */
export const analyzeOnly = async (flags: Flags, bundle: string, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  const collection = await readBundle(bundle)
  return writeReport(await judge(collection, settings), about(collection, bundle, settings), settings, io)
}

const workingFile = ({ now }: Settings, io: Io): string => join(io.cwd(), `${bundleName(now)}.tar.gz`)

const saveBundle = (collection: Collection, report: Report, path: string, settings: Settings, io: Io) =>
  save(path, settings, io, () => writeBundle(collection, report, path, settings.now))

/** Gives why it could not be written: what was found is reported all the same. */
const save = async (path: string, settings: Settings, io: Io, write: () => Promise<void>): Promise<PreflightError | undefined> => {
  try {
    await write()
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  if (!settings.quiet) io.stderr.write(settings.into === undefined ? `Bundle written to ${path}\n` : `Facts added to ${path}\n`)
  return undefined
}
