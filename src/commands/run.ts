import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import {
  bundleFlag,
  checkFlags,
  configFlags,
  judgeFlags,
  metricsFlag,
  outputFlag,
  refreshFlags,
  reportFlags,
  sourceFlags,
  trustFlags,
} from './flags.ts'

export const runCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('run', { isDefault: true })
    .description('collect and analyze: the report on standard output, and a bundle in the working directory')
    .argument('[spec...]', 'specs (default: the pre-install spec that ships; with --bundle support-bundle)')
  bundleFlag(command).option('--no-bundle', 'write no bundle')
  for (const add of [configFlags, checkFlags, sourceFlags, trustFlags, refreshFlags, judgeFlags, outputFlag, reportFlags, metricsFlag])
    add(command)
  command.action(async (specs: string[], flags) => {
    const { run } = await import('./execute.ts')
    end(await run(flags, specs, io))
  })
}
