import type { Command } from 'commander'
import { type ReportFormat, reportFormats } from '../reporters/formats.ts'
import { writesReport } from './flags.ts'

/** Where what a run says is to go, as far as the command line could be understood. */
export interface AskedOutput {
  readonly format: ReportFormat
  readonly output?: string
  readonly metricsFile?: string
  readonly debug: boolean
}

/**
 * What was asked for before something went wrong. A format is taken from the words themselves where commander had not come to
 * them; a file only where commander did: what is overwritten is not guessed. Nor is it where `--output` names another file
 * than the report's, as of `collect`.
 */
export const askedOutput = (argv: readonly string[], program: Command): AskedOutput => {
  const called = program.commands.find(command => Object.keys(command.opts()).some(name => command.getOptionValueSource(name) === 'cli'))
  const { format, output, metricsFile } = called?.opts<Readonly<Record<string, unknown>>>() ?? {}
  const file = (value: unknown) => (typeof value === 'string' && value !== '' && value !== '-' ? value : undefined)
  const [toFile, toMetrics] = [called !== undefined && writesReport(called) ? file(output) : undefined, file(metricsFile)]
  return {
    format: formatOf(format) ?? formatOf(wordAfter('--format', argv)) ?? 'human',
    ...(toFile === undefined ? {} : { output: toFile }),
    ...(toMetrics === undefined ? {} : { metricsFile: toMetrics }),
    debug: argv.includes('--debug'),
  }
}

const formatOf = (value: unknown): ReportFormat | undefined => reportFormats.find(format => format === value)

const wordAfter = (flag: string, argv: readonly string[]): string | undefined => {
  const index = argv.findIndex(word => word === flag || word.startsWith(`${flag}=`))
  const word = argv[index]
  if (word === undefined) return undefined
  return word.includes('=') ? word.slice(flag.length + 1) : argv[index + 1]
}
