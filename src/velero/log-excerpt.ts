import { printable, redact } from '../redact.ts'
import { logLine } from './log-line.ts'

const limits = { line: 1000, first: 5, last: 40, worse: 60, plugins: 100 } as const

/**
 * Of a log what says which plugins a server has and why it ended: its first and last lines, what is worse than information,
 * what was registered of plugins that are not its own, and how far it came. In their order, without secrets.
 */
export const serverExcerpt = (text: string): readonly string[] => {
  const lines = linesOf(text)
  const kept = new Set<number>()
  const keep = (indexes: readonly number[]) => indexes.forEach(index => void kept.add(index))
  const all = lines.map((line, index) => ({ index, ...logLine(line) }))
  const indexesOf = (found: readonly { readonly index: number }[]) => found.map(({ index }) => index)
  const worse = indexesOf(all.filter(({ level }) => level !== undefined && !['info', 'debug', 'trace'].includes(level)))
  // The first are about the start; of a server that runs for months there are thousands.
  keep(worse.slice(0, limits.worse))
  keep(worse.slice(-limits.worse))
  keep(
    indexesOf(all.filter(({ message, fields }) => message === 'registering plugin' && fields.command !== '/velero')).slice(-limits.plugins),
  )
  keep(indexesOf(all.filter(({ message }) => progress.test(message)).slice(-10)))
  const written = indexesOf(all.filter(({ message, fields }) => !(message === 'registering plugin' && fields.command === '/velero')))
  keep(written.slice(0, limits.first))
  keep(written.slice(-limits.last))
  return [...kept].toSorted((a, b) => a - b).map(index => tidy(lines[index]!))
}

/** The end of what an init container wrote. */
export const initExcerpt = (text: string): readonly string[] => linesOf(text).slice(-20).map(tidy)

const progress = /^(?:Starting Velero server|Checking existence of namespace)/

const linesOf = (text: string): readonly string[] => text.split('\n').filter(line => line.trim() !== '')

const tidy = (line: string): string => printable(redact(line.replace(/\r$/, '').replaceAll('\t', '  ')), limits.line)
