import type { Readable } from 'node:stream'
import type { Command, CommanderError } from 'commander'
import { PreflightError } from './errors.ts'
import { build, version } from './version.ts'

/** What a command may reach of the process. */
export interface Io {
  readonly stdin: Readable
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  cwd(): string
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

export interface Output {
  /** @param done is called when the text is out, or with why it is not */
  write(text: string, done?: (error?: Error | null) => void): unknown
  /** Of a stream; a failure that nobody listens to would end the process. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

const fullVersion = build === undefined ? version : `${version} (${build})`

/**
 * The whole command line.
 *
 * @param argv without the program's own name
 * @returns the exit code: 0, 3 or 4 as the checks say; 2 usage, spec or file; 1 our own failure (design.md 4)
 */
export const main = async (argv: readonly string[], io: Io): Promise<number> => {
  // Whom it concerns hears of it from `write`.
  for (const output of [io.stdout, io.stderr]) output.on?.('error', () => {})
  if (argv.length === 1 && argv[0] === '--version') {
    io.stdout.write(`${fullVersion}\n`)
    return 0
  }
  const { Command } = await import('commander')
  let code = 0
  const program = new Command('velero-plugin-preflight')
    .description('Checks the Velero plugin images of an Embedded Cluster Config: can they be pulled, run and trusted?')
    .version(fullVersion, '--version', 'print the version')
    .option('--explain <code>', 'say what a code of a report means, and what to do')
    .helpOption('-h, --help', 'print help')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: () => {} })
  await addCommands(program, io, exit => {
    code = exit
  })
  try {
    if (argv[0] === '__complete') return await complete(program, argv.slice(1), io)
    await program.parseAsync([...withExplain(argv)], { from: 'user' })
    return code
  } catch (error) {
    if (isCommanderError(error) && error.exitCode === 0) return 0
    const { failedRun } = await import('./commands/output.ts')
    const { askedOutput } = await import('./commands/asked-output.ts')
    return failedRun(isCommanderError(error) ? usageError(error, argv, program) : error, askedOutput(argv, program), io)
  }
}

const addCommands = async (program: Command, io: Io, end: (exit: number) => void): Promise<void> => {
  const { commands } = await import('./commands/all.ts')
  for (const add of commands) add(program, io, end)
}

/** `--explain CODE`, wherever it stands, is the command of that name. */
const withExplain = (argv: readonly string[]): readonly string[] => {
  const index = argv.findIndex(word => word === '--explain' || word.startsWith('--explain='))
  const word = argv[index]
  if (word === undefined) return argv
  return ['explain', ...(word.includes('=') ? [word.slice('--explain='.length)] : argv.slice(index + 1, index + 2))]
}

/** What a completion script asks; it may ask anything, and no answer is none. */
const complete = async (program: Command, [shell, ...given]: readonly string[], io: Io): Promise<number> => {
  const [{ completionAnswer }, { shells }, { vocabulary }, { print }] = await Promise.all([
    import('./completion/answer.ts'),
    import('./completion/scripts.ts'),
    import('./chosen-checks.ts'),
    import('./commands/print.ts'),
  ])
  const known = shells.find(one => one === shell)
  if (known !== undefined) await print(io.stdout, completionAnswer(program, known, given, vocabulary.checks))
  return 0
}

const isCommanderError = (error: unknown): error is CommanderError => error instanceof Error && error.constructor.name === 'CommanderError'

const usageError = ({ message }: CommanderError, argv: readonly string[], program: Command): PreflightError => {
  const command = argv.find(word => program.commands.some(one => one.name() === word))
  return new PreflightError('USAGE', message.replace(/^error: /, ''), {
    hint: `See velero-plugin-preflight ${command === undefined ? '' : `${command} `}--help.`,
  })
}
