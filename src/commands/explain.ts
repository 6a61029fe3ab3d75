import type { Command } from 'commander'
import type { Io } from '../cli.ts'

export const explainCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('explain')
    .description('say what a code of a report means, and what to do')
    .argument('<code>', 'as it stands in a report: IMAGE_NOT_FOUND')
    .action(async (code: string) => {
      const [{ explain }, { print }] = await Promise.all([import('../explain.ts'), import('./print.ts')])
      await print(io.stdout, explain(code))
      end(0)
    })
}
