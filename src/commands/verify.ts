import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'
import { reportFormats } from '../reporters/formats.ts'
import { attestationFlags, loginFlags, metricsFlag, networkFlags, outputFlag, refreshFlags, trustFlags } from './flags.ts'

export const verifyCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('verify')
    .description('verify the signatures of images: every candidate with each of its steps; ends with 0 when all are verified, else with 3')
    .argument(
      '<image...>',
      'images as a node is told to run them: registry/repository:tag or @digest; or before they are pushed: oci:FOLDER[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG]',
    )
  for (const add of [loginFlags, networkFlags, trustFlags, attestationFlags, refreshFlags, outputFlag, metricsFlag]) add(command)
  command
    .option('--at <time>', 'judge for this time (default: now)')
    .addOption(
      new Option('--format <format>', 'how the answer looks (default: text)').choices([
        'text',
        // The last is for a spec that reads the results of a run.
        ...reportFormats.filter(format => format !== 'human' && format !== 'troubleshoot'),
      ]),
    )
    .option('-q, --quiet', 'no progress on standard error')
    .option('--debug', 'requests and causes of errors on standard error, without secrets')
  command.action(async (images: string[], flags) => {
    const { verify } = await import('./execute-verify.ts')
    end(await verify(images, flags, io))
  })
}
