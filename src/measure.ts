import type { ProgressEvent } from './collect.ts'
import type { Meter } from './meter.ts'

/** What was counted of a run, each by its labels as `label="value"` pairs in order. */
export interface Measured {
  readonly collectSeconds: ReadonlyMap<string, number>
  /** By what is asked, the method and the outcome. */
  readonly requests: readonly { readonly to: string; readonly method: string; readonly outcome: string; readonly count: number }[]
  readonly receivedBytes: ReadonlyMap<string, number>
  readonly cacheLookups: ReadonlyMap<string, number>
  readonly runSeconds: number
}

export interface Measure {
  readonly progress: (event: ProgressEvent) => void
  readonly meter: Meter
  read(): Measured
}

/** @param nowMs a clock that never goes back */
export const createMeasure = (nowMs: () => number): Measure => {
  const startedMs = nowMs()
  const began = new Map<string, number>()
  const collectSeconds = new Map<string, number>()
  const requests = new Map<string, { to: string; method: string; outcome: string; count: number }>()
  const receivedBytes = new Map<string, number>()
  const cacheLookups = new Map<string, number>()
  const add = (counts: Map<string, number>, name: string, more: number) => counts.set(name, (counts.get(name) ?? 0) + more)
  return {
    progress: ({ check, state }) => {
      if (state === 'began') began.set(check, nowMs())
      if (state === 'ended') collectSeconds.set(check, (nowMs() - (began.get(check) ?? startedMs)) / 1000)
    },
    meter: event => {
      if (event.kind === 'received') add(receivedBytes, event.to, event.bytes)
      else if (event.kind === 'cache') add(cacheLookups, event.result, 1)
      else {
        const { to, method, outcome } = event
        const key = `${to} ${method} ${outcome}`
        requests.set(key, { to, method, outcome, count: (requests.get(key)?.count ?? 0) + 1 })
      }
    },
    read: () => ({
      collectSeconds,
      requests: [...requests.values()],
      receivedBytes,
      cacheLookups,
      runSeconds: (nowMs() - startedMs) / 1000,
    }),
  }
}
