import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'

export const crdCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('crd')
    .description('print the CustomResourceDefinition of the Config with its versions v1beta1 and v1, for kubectl apply')
    .addOption(
      new Option('--conversion <strategy>', 'none: the API server converts; webhook: it asks a conversion-webhook (default: none)').choices(
        ['none', 'webhook'],
      ),
    )
    .option('--webhook-service <namespace/name[:port]>', 'the Service of the webhook (default port: 443)')
    .option('--webhook-url <url>', 'where the webhook is instead, when it is not in the cluster (default path: /convert)')
    .option('--ca-bundle <file>', "certificates of the webhook's authority, in PEM (default: those that the API server's machine trusts)")
    .action(async flags => {
      const { printCrd } = await import('./print-crd.ts')
      end(await printCrd(flags, io))
    })
}
