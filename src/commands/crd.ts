import type { Command } from 'commander'
import type { Io } from '../cli.ts'

export const crdCommand = (program: Command, io: Io, end: (exit: number) => void): void => {
  program
    .command('crd')
    .description('print the CustomResourceDefinition of the Config with its versions v1beta1 and v1, for kubectl apply')
    .action(async () => {
      const { printCrd } = await import('./print-crd.ts')
      end(await printCrd(io))
    })
}
