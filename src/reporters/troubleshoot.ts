import { worst } from '../outcome.ts'
import { printable } from '../redact.ts'
import { maxPlugins, numberOf, type ResultRecord, recordsOf, recordText, runRecord } from './records.ts'
import type { Reporter } from './reporter.ts'

/** All that is said of one check of the plugins that a spec cannot ask for: the worst, with every message of that kind. */
const together = (records: readonly ResultRecord[]): readonly ResultRecord[] =>
  [...new Set(records.map(({ check }) => check))].map(check => {
    const of = records.filter(record => record.check === check)
    const status = worst(of.map(record => record.status))
    const messages = of.filter(record => record.status === status).map(({ message }) => message)
    return { index: maxPlugins + 1, plugin: '', check, status, message: messages.join(' ') }
  })

/** For a pod's log, of which troubleshoot keeps one text: the records in their order, each under its number, and the run's at the end. */
export const troubleshoot: Reporter = (report, { node }) => {
  const records = recordsOf(report)
  const shown = [...records.filter(({ index }) => index <= maxPlugins), ...together(records.filter(({ index }) => index > maxPlugins))]
  const where = node === undefined ? '' : ` (Seen on the node ${printable(node, 80)}.)`
  const block = (record: ResultRecord, number: string) =>
    `result=${number} ${record.check}\n${recordText({ ...record, message: `${record.message}${where}` })}\n`
  return [...shown.map(record => block(record, numberOf(record.index))), block(runRecord(report), 'run')].join('')
}
