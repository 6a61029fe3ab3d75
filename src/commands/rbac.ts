import { type Command, Option } from 'commander'
import type { Io } from '../cli.ts'
import { defaults } from '../settings/defaults.ts'

const repeat = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value]

export const rbacCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('rbac')
    .description('print the roles that --from-cluster needs, for kubectl apply')
    .option('-n, --namespace <name>', `namespace of Velero and its pull secrets (default: ${defaults.namespace})`)
    .addOption(
      new Option('--secret <name>', 'allow only this Secret to be read (repeatable; default: all of the namespace)').argParser(repeat),
    )
    .option('--server-status', 'with what --server-status needs, which writes')
    .option('--user <name>', 'bind the roles to this user')
    .option('--group <name>', 'bind the roles to this group')
    .option('--serviceaccount <namespace:name>', 'bind the roles to this service account')
    .action(async flags => {
      const { printRoles } = await import('./print-roles.ts')
      end(await printRoles(flags, io))
    })
}
