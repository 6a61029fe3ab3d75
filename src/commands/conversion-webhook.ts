import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { defaults } from '../settings/defaults.ts'

export const conversionWebhookCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('conversion-webhook')
    .description('convert Configs between v1beta1 and v1 for an API server, over TLS, until it is ended')
    .requiredOption('--tls-cert-file <file>', 'its certificate in PEM, then those of authorities between; re-read when it changes')
    .requiredOption('--tls-private-key-file <file>', 'the private key of the certificate; re-read when it changes')
    .option('--bind-address <ip>', 'the address to listen on; 0.0.0.0 and :: are all of both families', defaults.bindAddress)
    .option('--secure-port <port>', 'the port to listen on; 0 is a free one, which the log names', defaults.securePort)
    .option(
      '--shutdown-delay-duration <duration>',
      'once it is to end: how long it says so on /readyz before it stops listening',
      defaults.shutdownDelayDuration,
    )
    .option('--debug', 'a line for each conversion too')
    .action(async flags => {
      const { runConversionWebhook } = await import('./run-conversion-webhook.ts')
      end(await runConversionWebhook(flags, io))
    })
}
