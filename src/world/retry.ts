import type { Clock } from './clock.ts'

export interface RetryOptions {
  /** The first one included; default 3. */
  readonly tries?: number
  /** Of the first wait; each further one is twice as long at most, and all are shortened by chance; default 500 ms. */
  readonly baseDelayMs?: number
  /** Default 5 s. */
  readonly maxDelayMs?: number
  /** A server that asks for a longer wait (Retry-After) is not asked again; default 20 s. */
  readonly maxRetryAfterMs?: number
}

/** `undefined`: as good as it gets; otherwise another try may do, not before `afterMs` when the server said so. */
export type Again = { readonly afterMs: number | undefined } | undefined

/**
 * Statuses of which another try may bring a better one: overload and failures behind a proxy. Not 501 and 505, which are
 * about the request itself, and no 4xx of authentication.
 */
const passing = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)

/** @param retryAfter the header (RFC 9110 10.2.3): seconds, or an HTTP date */
export const againAfter = (status: number, retryAfter: string | undefined, nowMs: number): Again =>
  passing(status) ? { afterMs: retryAfterMs(retryAfter, nowMs) } : undefined

export const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

/** Runs `attempt` until its value or error is as good as it gets, with full jitter between the tries. */
export const retry = async <T>(
  attempt: () => Promise<T>,
  judge: { value(value: T): Again; error(error: unknown): Again },
  { tries = 3, baseDelayMs = 500, maxDelayMs = 5_000, maxRetryAfterMs = 20_000 }: RetryOptions,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<T> => {
  for (let tried = 1; ; tried++) {
    const outcome = await settle(attempt)
    const again = 'error' in outcome ? judge.error(outcome.error) : judge.value(outcome.value)
    const askedForMs = again?.afterMs
    const giveUp = again === undefined || tried >= tries || signal?.aborted === true || (askedForMs ?? 0) > maxRetryAfterMs
    if (giveUp) {
      if ('error' in outcome) throw outcome.error
      return outcome.value
    }
    const jittered = clock.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (tried - 1))
    await clock.sleep(askedForMs ?? jittered, signal).catch(() => undefined)
  }
}

const settle = async <T>(attempt: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> => {
  try {
    return { value: await attempt() }
  } catch (error) {
    return { error }
  }
}
