import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { checkFlags, judgeFlags, metricsFlag, outputFlag, reportFlags, trustFlags } from './flags.ts'

export const analyzeCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('analyze')
    .description('judge a bundle again; contacts nothing')
    .argument('<bundle>', 'a .tar.gz file or folder that run or collect wrote')
    .argument('[spec...]', 'specs (default: the checks that were collected)')
    .option('--schema <schema>', 'embedded-cluster, proposal or auto (default: as collected)')
  for (const add of [checkFlags, trustFlags, judgeFlags, outputFlag, reportFlags, metricsFlag]) add(command)
  command.action(async (bundle: string, specs: string[], flags) => {
    const { analyzeOnly } = await import('./execute.ts')
    end(await analyzeOnly(flags, bundle, specs, io))
  })
}
