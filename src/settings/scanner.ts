import { type Scanner, scanners } from '../facts/vulnerability.ts'
import type { Environment } from '../settings.ts'
import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface ScannerSettings {
  readonly program: Scanner
  /** Of the program: its PATH, and where its own database is. */
  readonly env: Environment
  /** It must not fetch a database. */
  readonly offline: boolean
}

/** @throws PreflightError USAGE */
export const scannerOf = ({ scanner, offline = false }: Flags, env: Environment): ScannerSettings | undefined => {
  if (scanner === undefined) return undefined
  const program = scanners.find(one => one === scanner)
  if (program === undefined) throw usage(`--scanner ${scanner}: it is one of ${scanners.join(', ')}.`)
  return { program, env, offline }
}
