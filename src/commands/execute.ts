import { join } from 'node:path'
import { addToBundle } from '../bundle/add-to-bundle.ts'
import { bundleName, readBundle, writeBundle } from '../bundle.ts'
import { vocabulary } from '../chosen-checks.ts'
import type { Io } from '../cli.ts'
import { PreflightError } from '../errors.ts'
import type { Collection } from '../facts.ts'
import { createMeasure, type Measure } from '../measure.ts'
import type { Report } from '../outcome.ts'
import { allowPipes, checkTrust, endPipes, gather, judge, type Live, pluginsIn } from '../preflight.ts'
import { createProgress } from '../progress.ts'
import { type Flags, resolveSettings, type Settings } from '../settings.ts'
import { finish, saveMetrics } from './finish.ts'
import { failedRun, type ReportAbout, withError } from './output.ts'

export const settle = (flags: Flags, specs: readonly string[], io: Io): Settings =>
  resolveSettings(flags, specs, io.env, new Date(), vocabulary)

/** The Config that was given, else the one that the cluster holds. */
const subjectOf = ({ configs, fromBundle }: Settings, { facts }: Collection): string =>
  [...configs, ...(fromBundle === undefined ? [] : [fromBundle])].join(', ') || (facts.config?.[0]?.position.file ?? '')

/** Where the Config and its plugins stand in their files. */
const placesOf = ({ facts: { config = [] } }: Collection): ReportAbout['places'] => ({
  ...(config[0] === undefined ? {} : { config: config[0].position }),
  plugins: new Map(
    config.flatMap(({ plugins }) => plugins.map(({ plugin, image, position }) => [plugin, image?.position ?? position] as const)),
  ),
})

const about = (collection: Collection, subject: string, settings: Settings): ReportAbout => ({
  subject,
  platforms: settings.platforms ?? collection.platforms,
  platformsFrom: settings.platforms === undefined ? collection.platformsFrom : 'flag',
  images: Object.fromEntries(pluginsIn(collection).map(({ plugin, image }) => [plugin, image])),
  places: placesOf(collection),
  collectedAt: collection.collectedAt,
})

/** Whom to trust, before anything is reached; then the facts. */
const checkAndGather = async (settings: Settings, live: Live): Promise<Collection> => {
  await checkTrust(settings)
  return gather(settings, live)
}

/** Collects with a time limit and with signals turned into an early but orderly end; gives why it ended early, if it did. */
export const collectLive = async <Collected = Collection>(
  settings: Settings,
  io: Io,
  collect: (settings: Settings, live: Live) => Promise<Collected>,
): Promise<{ readonly collection: Collected; readonly early: PreflightError | undefined; readonly measure: Measure }> => {
  const controller = new AbortController()
  allowPipes()
  let early: PreflightError | undefined
  const end = (error: PreflightError) => {
    early ??= error
    controller.abort(early)
    // A Config or key that is still awaited there would never come.
    io.stdin.destroy()
    endPipes(early)
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
  const measure = createMeasure(() => performance.now())
  const onProgress: Live['progress'] = event => {
    measure.progress(event)
    progress.event(event)
  }
  const live: Live = { stdin: io.stdin, signal: controller.signal, progress: onProgress, trace, meter: measure.meter }
  try {
    return { collection: await collect(settings, live), early, measure }
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
  const { collection, early, measure } = await collectLive(settings, io, checkAndGather)
  const judged = await judge(collection, settings)
  const writes = settings.bundle && settings.fromBundle === undefined
  const unsaved = writes ? await saveBundle(collection, judged, workingFile(settings, io), settings, io) : undefined
  // Beside the results that troubleshoot reads there, so that its bundle can be judged again.
  const { TS_OUTPUT_DIR: shared = '' } = io.env
  const unshared = shared === '' ? undefined : await saveBundle(collection, judged, shared, { ...settings, quiet: true }, io)
  const reasons = [early, unsaved, unshared].filter(reason => reason !== undefined)
  return finish(reasons.reduce(withError, judged), about(collection, subjectOf(settings, collection), settings), settings, io, measure)
}

/** `collect`: the bundle alone. */
export const collectOnly = async (flags: Flags, specs: readonly string[], io: Io): Promise<number> => {
  if (flags.output === '-') throw new PreflightError('USAGE', '--output -: a bundle is not written to standard output.')
  const settings = settle(flags, specs, io)
  const { collection, early, measure } = await collectLive(settings, io, gather)
  const { into, output = workingFile(settings, io) } = settings
  const nothing = { results: [], notChecked: [] }
  const unsaved = await (into === undefined
    ? saveBundle(collection, nothing, output, settings, io)
    : save(into, settings, io, () => addToBundle(collection, into, settings.now)))
  const reason = early ?? unsaved ?? (await saveMetrics(nothing, 0, settings, measure))
  return reason === undefined ? 0 : failedRun(reason, { ...settings, output: undefined }, io)
}

/** `analyze`: a bundle judged again, with no network. */
export const analyzeOnly = async (flags: Flags, bundle: string, specs: readonly string[], io: Io): Promise<number> => {
  const settings = settle(flags, specs, io)
  const { collection, measure } = await collectLive(settings, io, async (_, { signal }) => {
    await checkTrust(settings)
    return readBundle(bundle, signal)
  })
  return finish(await judge(collection, settings), about(collection, bundle, settings), settings, io, measure)
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
