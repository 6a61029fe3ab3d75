import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface BundleSettings {
  /** `--bundle`: what is read in the place of a cluster, or judged again. */
  readonly fromBundle: string | undefined
  /** `--into`: to which bundle the facts are added. */
  readonly into: string | undefined
}

/** @throws PreflightError USAGE */
export const bundlesOf = ({ fromBundle, into, output }: Flags): BundleSettings => {
  if (fromBundle === '') throw usage('--bundle names no file.')
  if (into === '') throw usage('--into names no file.')
  if (into !== undefined && output !== undefined)
    throw usage('--into and --output: the facts go into a bundle that is there, or into a new one.')
  return { fromBundle, into }
}
