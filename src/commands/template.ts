import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'
import { defaults } from '../settings/defaults.ts'

const repeat = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value]

export const templateCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('template')
    .description(
      "print a spec that runs this program in troubleshoot's preflight or support-bundle, or a DaemonSet that runs it on every node",
    )
    .argument('<kind>', 'host-preflight, preflight, support-bundle, support-bundle-nodes or daemonset')
    .argument('[argument...]', 'after --: further arguments of run, as in -- --key cosign.pub')
    .addOption(
      new Option('--config <file>', 'Embedded Cluster Config to put in: a file, or - for standard input (repeatable)').argParser(repeat),
    )
    .option('--binary <path>', 'the stand-alone binary on the host (default: velero-plugin-preflight, on the PATH)')
    .option('--program-image <reference>', "this program's image, for pods (default: velero-plugin-preflight and its version)")
    .option(
      '-n, --namespace <name>',
      `namespace of the pods; of daemonset that of Velero and its pull secrets (default: ${defaults.namespace})`,
    )
    .option('--service-account <name>', "the pods' service account (default: that of the namespace)")
    .option('--host-network', "the pods use their node's network, as the node does when it pulls")
    .option('--timeout <duration>', `for the whole run (default: ${defaults.timeout})`)
    .action(async (kind: string, args: string[], flags) => {
      const { printTemplate } = await import('./print-template.ts')
      end(await printTemplate(kind, args, flags, io))
    })
}
