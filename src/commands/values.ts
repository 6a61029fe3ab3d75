import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'
import { defaults } from '../settings/defaults.ts'
import { clusterFlags, configAloneFlags } from './flags.ts'

export const valuesCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('values')
    .description("print the values that Velero's Helm chart gets for the Config: its init containers, images and pull secrets")
  for (const add of [configAloneFlags, clusterFlags]) add(command)
  command
    .option('--proxy-registry-domain <host>', "takes the place of proxy.replicated.com (default: the Config's proxyRegistryDomain)")
    .option('--platform <os/arch>', `linux/amd64 or linux/arm64 (default: that of the cluster's nodes, else ${defaults.platform})`)
    .option('--ec-version <version>', 'the Embedded Cluster that brings Velero and its AWS plugin (default: spec.version, else the newest)')
    .option('--diff [file]', 'print instead where this values file, or with --from-cluster the running Velero, differs')
    .addOption(new Option('--format <format>', 'yaml or json (default: yaml)').choices(['yaml', 'json']))
    .option('--timeout <duration>', `for the whole run (default: ${defaults.timeout})`)
    .option('-q, --quiet', 'say nothing of what is wrong with the Config')
    .option('--debug', 'requests and causes of errors on standard error, without secrets')
    .action(async flags => {
      const { values } = await import('./execute-values.ts')
      end(await values(flags, io))
    })
}
