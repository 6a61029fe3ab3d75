import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'

export const convertCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('convert')
    .description('write a Config under another version of its API; all but the apiVersion stays as it is, comments too')
    .argument('<file>', 'a file with an Embedded Cluster Config, or - for standard input')
    .addOption(new Option('--to <version>', 'v1 or v1beta1').choices(['v1', 'v1beta1']).makeOptionMandatory())
    .option('-o, --output <file>', 'write to this file, which may be the same, instead of standard output')
    .action(async (file: string, flags) => {
      const { convert } = await import('./execute-convert.ts')
      end(await convert(file, flags, io))
    })
}
