import type { Finding } from '../../outcome.ts'
import type { Position } from '../../position.ts'
import { plainText } from '../plain-text.ts'
import type { ReportContext } from '../reporter.ts'

/**
 * A file's name as a URI: one of this machine stays absolute, another is relative to where the program was started, which in a
 * pipeline is the root of the repository. What could be taken for a scheme, a query or a host is escaped.
 */
export const uriOf = (file: string): string => {
  if (file === '-') return 'stdin'
  const path = file
    .toWellFormed()
    .replace(/^(?:\.\/+)+/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
  // Two slashes at the beginning would make a host of what follows.
  return path.startsWith('/') ? `file:///${path.replace(/^\/+/, '')}` : path || '.'
}

/** The finding's own place, else its plugin's, else the Config's. GitHub takes no result without any. */
export const locationsOf = ({ position }: Finding, plugin: string | undefined, { places, subject }: ReportContext) => {
  const place = position ?? (plugin === undefined ? undefined : places?.plugins.get(plugin)) ?? places?.config
  const names = plugin === undefined ? {} : { logicalLocations: [{ name: plainText(plugin), kind: 'module' }] }
  return [{ physicalLocation: place === undefined ? { artifactLocation: { uri: fileOf(subject) } } : physical(place), ...names }]
}

/** Of several Configs the first. */
const fileOf = (subject: string): string => uriOf(subject.split(', ')[0] || 'command-line')

const physical = ({ file, line, column }: Position) => ({
  artifactLocation: { uri: uriOf(file) },
  region: { startLine: Math.max(1, line), startColumn: Math.max(1, column) },
})
