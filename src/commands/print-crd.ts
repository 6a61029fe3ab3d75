import { stringify } from 'yaml'
import type { Io } from '../cli.ts'
import { configCrd } from '../convert.ts'
import { print } from './print.ts'

/** `crd`: the Config in both versions, as an API server serves it. */
export const printCrd = async ({ stdout }: Io): Promise<number> => {
  await print(stdout, stringify(configCrd(), { lineWidth: 0, aliasDuplicateObjects: false }))
  return 0
}
