import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { checkFlags, configFlags, metricsFlag, policyFlag, reportFlags, sourceFlags } from './flags.ts'

export const collectCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('collect')
    .description('write a bundle of facts and judge nothing')
    .argument('[spec...]', 'specs (default: the pre-install spec that ships)')
  for (const add of [configFlags, checkFlags, sourceFlags, policyFlag, reportFlags, metricsFlag]) add(command)
  command.option('-o, --output <file>', 'the bundle: a .tar.gz file, or a folder (default: preflightbundle-<time>.tar.gz)')
  command.option(
    '--into <bundle>',
    'add the facts to this support bundle, a .tar.gz file or a folder, which is also read in the place of a cluster',
  )
  command.action(async (specs: string[], flags) => {
    const { collectOnly } = await import('./execute.ts')
    end(await collectOnly(flags, specs, io))
  })
}
