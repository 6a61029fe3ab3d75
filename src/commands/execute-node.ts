import type { Io } from '../cli.ts'
import { PreflightError } from '../errors.ts'
import { type NodeLog, nodeLogLine } from '../kubernetes/node-log.ts'
import { type Report, withHint } from '../outcome.ts'
import { gather, judge } from '../preflight.ts'
import { exitCodeOf } from '../report.ts'
import type { Flags } from '../settings.ts'
import { version } from '../version.ts'
import { collectLive, settle } from './execute.ts'
import { withError } from './output.ts'
import { print } from './print.ts'

/** Go's names of the architectures for which there is an image. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The checks that depend on where they are made, as one line of standard output. Whatever goes wrong stands in that line, and the
 * program then waits for a signal: a pod of a DaemonSet that ends is started again and again.
 */
export const checkAsNode = async ({ once = false, ...flags }: Flags & { readonly once?: boolean }, io: Io): Promise<number> => {
  const platform = `linux/${architectures[process.arch] ?? process.arch}`
  const report = await reportOf({ ...flags, platform: [platform] }, io)
  await print(io.stdout, nodeLogLine(logOf(report, platform)))
  if (!once) await untilSignal(io)
  return once ? exitCodeOf(report) : 0
}

const reportOf = async (flags: Flags, io: Io): Promise<Report> => {
  try {
    const fixed = { fromCluster: true, checks: ['image,pullSecret'], cache: false, bundle: false, quiet: true }
    const settings = settle({ ...flags, ...fixed }, [], io)
    const { collection, early } = await collectLive(settings, io, gather)
    const report = await judge(collection, settings)
    return early === undefined ? report : withError(report, early)
  } catch (error) {
    const known =
      error instanceof PreflightError ? error : new PreflightError('INTERNAL', error instanceof Error ? error.message : String(error))
    return withError({ results: [], notChecked: [] }, known)
  }
}

const logOf = ({ results, notChecked, error }: Report, platform: string): NodeLog => ({
  version,
  platform,
  results: results.map(({ check, plugin, status, code, message }) => ({
    check,
    ...(plugin === undefined ? {} : { plugin }),
    status,
    code,
    message,
  })),
  notChecked,
  ...(error && { error: { code: error.code, message: withHint(error) } }),
})

const untilSignal = (io: Io): Promise<void> =>
  new Promise(resolve => {
    // Nothing else keeps the process up.
    const awake = setInterval(() => {}, 3_600_000)
    const end = () => {
      clearInterval(awake)
      resolve()
    }
    io.on('SIGTERM', end)
    io.on('SIGINT', end)
  })
