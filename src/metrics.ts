import type { Measured } from './measure.ts'
import type { Report, Status } from './outcome.ts'
import { printable } from './redact.ts'
import { version } from './version.ts'

/** What is known of a run that has ended. */
export interface RunFacts {
  readonly report: Report
  readonly exitCode: number
  readonly now: Date
  /** Absent: it ended before anything was done. */
  readonly measured?: Measured | undefined
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/** Series of one run; more plugins than this are in the totals only. */
const maxPlugins = 200

const states = ['pass', 'warn', 'accepted', 'fail', 'not_checked'] as const
type State = (typeof states)[number]

/**
 * One family in Prometheus' text format 0.0.4. All are gauges: they say how the last run was, and start anew with each, which a
 * counter must not.
 */
const family = (name: string, help: string, samples: readonly Sample[]): readonly string[] => {
  if (samples.length === 0) return []
  const full = `velero_plugin_preflight_${name}`
  return [`# HELP ${full} ${help}`, `# TYPE ${full} gauge`, ...samples.map(([labels, value]) => `${full}${labelText(labels)} ${value}`)]
}

const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Before anything is counted: names that look alike as labels are one series, and a series twice would spoil the whole file. */
const labelOf = (name: string): string => printable(name.toWellFormed(), Number.POSITIVE_INFINITY)

interface Counted {
  readonly check: string
  readonly plugin?: string
  readonly state: State
}

const stateOf = ({ status, accepted }: { readonly status: Status; readonly accepted?: true }): State =>
  accepted === true ? 'accepted' : status

const namesOf = ({ check, plugin }: { readonly check: string; readonly plugin?: string }) => ({
  check: labelOf(check),
  ...(plugin === undefined ? {} : { plugin: labelOf(plugin) }),
})

const countedOf = ({ results, notChecked }: Report): readonly Counted[] => [
  ...results.map(result => ({ ...namesOf(result), state: stateOf(result) })),
  ...notChecked.map(one => ({ ...namesOf(one), state: 'not_checked' as const })),
]

/** Every state, also those that nothing is in: an alert must not wait for a series that does not come. */
const perState = (counted: readonly Counted[], labels: Labels): readonly Sample[] =>
  states.map(state => [{ ...labels, status: state }, counted.filter(one => one.state === state).length])

const by = (counts: ReadonlyMap<string, number>, label: string): readonly Sample[] =>
  [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [{ [label]: name }, value])

/** The whole file for node_exporter's textfile collector. */
export const metricsText = ({ report, exitCode, now, measured }: RunFacts): string => {
  const counted = countedOf(report)
  const checks = [...new Set(counted.map(({ check }) => check))]
  const plugins = [...new Set(counted.flatMap(({ plugin }) => plugin ?? []))]
  return [
    ...family('build_info', 'The version of the program that ran, as a label.', [[{ version }, 1]]),
    ...family('last_run_timestamp_seconds', 'When the last run ended, in Unix time.', [[{}, now.getTime() / 1000]]),
    ...family('last_run_exit_code', '0 all passed, 3 a fail, 4 warns only, 2 usage or a file, 1 ended early or our own failure.', [
      [{}, exitCode],
    ]),
    ...family('last_run_error', 'Why the last run could not go on, as a label; absent when it could.', errorSamples(report)),
    ...family('plugins', 'Plugins that the last run gave a result for.', [[{}, plugins.length]]),
    ...family(
      'results',
      'Results of the last run, by check and status.',
      checks.flatMap(check => perState(of(counted, 'check', check), { check })),
    ),
    ...family(
      'plugin_results',
      'Results of the last run, by plugin and status.',
      plugins.slice(0, maxPlugins).flatMap(plugin => perState(of(counted, 'plugin', plugin), { plugin })),
    ),
    ...(measured === undefined ? [] : measuredLines(measured)),
    '',
  ].join('\n')
}

const of = (counted: readonly Counted[], key: 'check' | 'plugin', value: string): readonly Counted[] =>
  counted.filter(one => one[key] === value)

const errorSamples = ({ error }: Report): readonly Sample[] => (error === undefined ? [] : [[{ code: labelOf(error.code) }, 1]])

const measuredLines = ({ runSeconds, collectSeconds, requests, receivedBytes, cacheLookups }: Measured): readonly string[] => [
  ...family('last_run_duration_seconds', 'How long the last run took.', [[{}, runSeconds]]),
  ...family(
    'collect_duration_seconds',
    'How long the facts of a check took in the last run; checks run side by side.',
    by(collectSeconds, 'check'),
  ),
  ...family(
    'http_requests',
    'HTTP requests of the last run, by what was asked, method, and status or error.',
    requests.map(({ to, method, outcome, count }) => [{ to, method, outcome }, count]),
  ),
  ...family('http_received_bytes', 'Bytes of HTTP bodies that the last run received.', by(receivedBytes, 'to')),
  ...family('layer_cache_lookups', 'Layers that the last run looked for in its cache, by result.', by(cacheLookups, 'result')),
]
