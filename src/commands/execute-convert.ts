import { writeFile } from 'node:fs/promises'
import type { Io } from '../cli.ts'
import { type ConfigVersion, convertFile } from '../convert.ts'
import { PreflightError } from '../errors.ts'
import { usage } from '../settings/flag-text.ts'
import { print } from './print.ts'

/** `convert`: a Config between v1beta1 and v1. */
export const convert = async (
  file: string,
  { to, output }: { readonly to: ConfigVersion; readonly output?: string },
  io: Io,
): Promise<number> => {
  if (output === '') throw usage('--output names no file.')
  const converted = await convertFile(file, to, io.stdin)
  if (output === undefined || output === '-') await print(io.stdout, converted)
  else
    await writeFile(output, converted).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new PreflightError('OUTPUT_UNWRITABLE', `The Config could not be written to ${output}: ${why}.`, { cause })
    })
  return 0
}
