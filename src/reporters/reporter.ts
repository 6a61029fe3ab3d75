import type { CodeDoc, Report } from '../outcome.ts'
import type { Position } from '../position.ts'

export interface ReportContext {
  /** The program's version. */
  readonly version: string
  /** What was checked, for the head line: the Config's file, or the bundle. */
  readonly subject: string
  readonly platforms: readonly string[]
  /** Who says so; absent: not noted. */
  readonly platformsFrom?: 'flag' | 'nodes' | 'default' | undefined
  /** Images of the plugins by name, for the human report's heads. */
  readonly images: Readonly<Record<string, string>>
  /** Where the Config and its plugins stand. */
  readonly places?: Places | undefined
  /** RFC 3339; absent where nothing was collected. */
  readonly collectedAt?: string | undefined
  /** What a check means by a code, as docs/errors.md has it. */
  readonly describe?: ((code: string, check: string) => CodeDoc | undefined) | undefined
  /** Of a cluster, on which this runs (NODE_NAME): troubleshoot's results do not say whose log they are of. */
  readonly node?: string | undefined
  /** Columns to wrap at. */
  readonly width: number
  readonly colour: boolean
  /** The evidence of passes too. */
  readonly verbose: boolean
}

export interface Places {
  readonly config?: Position
  /** By plugin. */
  readonly plugins: ReadonlyMap<string, Position>
}

/** Results in, text out; only the command line writes it. */
export type Reporter = (report: Report, context: ReportContext) => string
