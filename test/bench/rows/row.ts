import type { Setting } from '../setting.ts'
import type { Row } from '../table.ts'

/** One or a few lines of the benchmark that share their measurements. */
export interface Rows {
  /** For `--only`. */
  readonly name: string
  measure(setting: Setting): Promise<readonly Row[]>
}
