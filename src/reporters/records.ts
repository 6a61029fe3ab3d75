import { type Report, type Result, type Status, withHint, worst } from '../outcome.ts'

/** One result as troubleshoot's textAnalyze takes it apart (docs/troubleshoot.md). */
export interface ResultRecord {
  /** Of the plugin among those of the report, from 1; 0 for the whole Config. */
  readonly index: number
  /** Empty for the whole Config. */
  readonly plugin: string
  readonly check: string
  readonly status: Status
  readonly message: string
}

/** Plugins that a spec can ask for by their index in one text; what is said of further ones stands together. */
export const maxPlugins = 20

/**
 * In one line, and so that troubleshoot's redaction finds nothing to mask in it: that takes `key = …;` for a setting and
 * `scheme://a:b@` for a login (troubleshoot 0.133 pkg/redact/redact.go), also where the b is a port and the @ a digest's.
 */
const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(';', ',')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\//gi, '')
    .trim()

const recordOf = ({ plugin = '', check, status, accepted, message }: Result, index: number): ResultRecord => ({
  index,
  plugin: plain(plugin),
  check,
  status: accepted === true ? 'pass' : status,
  message: plain(accepted === true ? `(accepted) ${message}` : message),
})

/** In the order of the report; of a check that stands there twice for a plugin the worse result. */
export const recordsOf = ({ results }: Report): readonly ResultRecord[] => {
  const names = [...new Set(results.flatMap(({ plugin }) => plugin ?? []))]
  const records = results.map(result => recordOf(result, result.plugin === undefined ? 0 : names.indexOf(result.plugin) + 1))
  const same = (one: ResultRecord, other: ResultRecord) => one.index === other.index && one.check === other.check
  return records.filter((record, at) => {
    const others = records.filter(other => same(record, other))
    const status = worst(others.map(other => other.status))
    return records.indexOf(others.find(other => other.status === status)!) === at
  })
}

/** What became of the run itself: a pass only when it came to its end. */
export const runRecord = ({ results, error }: Report): ResultRecord => {
  const count = (status: Status) => results.filter(result => result.status === status).length
  const message =
    error === undefined
      ? `The checks of the Velero plugins came to their end: ${count('pass')} passed, ${count('warn')} warned, ${count('fail')} failed.`
      : `The checks of the Velero plugins did not come to their end: ${withHint(error)}`
  return { index: 0, plugin: '', check: 'run', status: error === undefined ? 'pass' : 'fail', message: plain(message) }
}

/** Four lines. */
export const recordText = ({ plugin, check, status, message }: ResultRecord): string =>
  `plugin=${plugin}\ncheck=${check}\nstatus=${status}\nmessage=${message}\n`

/** `checks/<n>-<plugin>/<check>.txt`: no name may leave the folder, or be one that troubleshoot's paths mean otherwise. */
export const recordPath = ({ index, plugin, check }: ResultRecord): string => {
  const name = plugin
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)
  return `checks/${numberOf(index)}-${index === 0 ? 'config' : name || 'plugin'}/${check}.txt`
}

export const numberOf = (index: number): string => String(index).padStart(3, '0')

/** What `run.json` says: jsonCompare fails by itself where the file is missing. */
export const runDocument = ({ status, message }: ResultRecord): string =>
  `${JSON.stringify({ completed: status === 'pass', message }, null, 2)}\n`
