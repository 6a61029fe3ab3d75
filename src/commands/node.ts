import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { configFlags, networkFlags } from './flags.ts'

/** What the pods of `--nodes` and of `template daemonset` run. */
export const nodeCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  const command = program
    .command('node')
    .description('check as the node that this pod is on, log one line of JSON, and wait: what --nodes and template daemonset run')
  for (const add of [configFlags, networkFlags]) add(command)
  command
    .option('-n, --namespace <name>', 'namespace of Velero and its pull secrets')
    .option('--node-root <dir>', "where the node's root folder is, with its etc in it (default: none of its settings is read)")
    .option('--once', 'end when the line is written, with the exit code of the checks')
    .option('--debug', 'requests and causes of errors on standard error, without secrets')
  command.action(async flags => {
    const { checkAsNode } = await import('./execute-node.ts')
    end(await checkAsNode(flags, io))
  })
}
