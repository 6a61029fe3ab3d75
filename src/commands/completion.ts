import { Argument, type Command } from 'commander'
import type { Io } from '../cli.ts'
import { completionScript, shells } from '../completion/scripts.ts'

export const completionCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('completion')
    .description('print a script that lets a shell complete this command: source <(velero-plugin-preflight completion bash)')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { print } = await import('./print.ts')
      await print(io.stdout, completionScript(shell))
      end(0)
    })
}
