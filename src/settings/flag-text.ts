import { durationMs } from '../duration.ts'
import { PreflightError } from '../errors.ts'

export const usage = (message: string, hint?: string): PreflightError => new PreflightError('USAGE', message, { hint })

/** `--checks image,binaries` or the flag repeated. */
export const list = (values: readonly string[]): readonly string[] =>
  values
    .flatMap(value => value.split(','))
    .map(value => value.trim())
    .filter(value => value !== '')

/** @throws PreflightError USAGE */
export const durationOf = (flag: string, text: string): number => {
  const timeoutMs = durationMs(text)
  if (timeoutMs === undefined || timeoutMs <= 0) throw usage(`${flag} ${text}: it is a duration such as 90s, 5m or 1h30m.`)
  // setTimeout takes no longer time: 24 days
  return Math.min(timeoutMs, 2 ** 31 - 1)
}

/** The same for a time that may be none. @throws PreflightError USAGE */
export const delayOf = (flag: string, text: string): number => {
  const delayMs = durationMs(text)
  if (delayMs === undefined || delayMs > 600_000) throw usage(`${flag} ${text}: it is a duration such as 0s or 5s, of at most ten minutes.`)
  return delayMs
}
