import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'
import { schemaFlags } from './flags.ts'

export const lintCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('lint')
    .description("lint Configs as Embedded Cluster's own linter does, and then by the check config; contacts nothing")
    .argument('<file...>', 'Embedded Cluster Configs')
  schemaFlags(command)
    .addOption(new Option('-o, --output <format>', 'text or json (default: text)').choices(['text', 'json']))
    .option('--strict', `let what is beyond Embedded Cluster's linter count in "valid" and in the exit code too`)
    .option('-v, --verbose', "taken as Embedded Cluster's linter takes it: there is nothing more to say")
    .action(async (files: string[], flags) => {
      const { lint } = await import('./execute-lint.ts')
      end(await lint(files, flags, io))
    })
}
