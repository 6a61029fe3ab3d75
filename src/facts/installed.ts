import type { ConfigFact } from './config.ts'
import type { Fact } from './fact.ts'

/** A plugin of an Installation that is no longer the current one, as written. */
export interface EarlierPlugin {
  readonly name: string
  readonly image: string
}

/** The Config that is installed now, with which the new one is compared. */
export type InstalledFact = {
  /** `--installed FILE`, or `the cluster CONTEXT`. */
  readonly from: string
} & Fact<{
  /** Name of the current Installation; absent: a Config was given. */
  readonly installation?: string
  readonly config: ConfigFact
  /** The latest earlier Installation that has plugins. */
  readonly earlier?: { readonly installation: string; readonly plugins: readonly EarlierPlugin[] }
}>
