import { setTimeout as wait } from 'node:timers/promises'

/** Time and chance, so that tests need neither. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Ends early, with an AbortError, when `signal` is aborted. */
  sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void>
  /** In [0, 1). */
  random(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (delayMs, signal) => wait(delayMs, undefined, signal === undefined ? {} : { signal }),
  random: () => Math.random(),
}
