import { Worker } from 'node:worker_threads'
import type { FuzzOrder, FuzzReport } from './worker.ts'

export interface FuzzOptions {
  readonly runs: number
  readonly seed: number
  readonly only?: string
  /** After which a single case counts as one that never ends. Far more than any takes, on the slowest machine. */
  readonly hangMs?: number
}

/** So much of an input is kept for a case that never ends. */
const inputBytes = 1 << 20

/** Runs all targets in a thread of its own, which can be ended where it hangs. @throws Error for a hang */
export const fuzz = ({ runs, seed, only = '', hangMs = 120_000 }: FuzzOptions): Promise<FuzzReport> =>
  new Promise((resolve, reject) => {
    const place = new SharedArrayBuffer(8 + inputBytes)
    const numbers = new Int32Array(place, 0, 2)
    const workerData: FuzzOrder = { runs, seed, only, place }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData })
    let [last, since] = [-1, Date.now()]
    const end = (act: () => void): void => {
      clearInterval(watch)
      void worker.terminate()
      act()
    }
    const watch = setInterval(() => {
      const index = Atomics.load(numbers, 0)
      if (index !== last) [last, since] = [index, Date.now()]
      if (Date.now() - since < hangMs) return
      const input = Buffer.from(new Uint8Array(place, 8, Atomics.load(numbers, 1)).slice()).toString('base64')
      end(() => reject(new Error(`case ${index} of seed ${seed} has not ended after ${hangMs} ms; its input in base64: ${input}`)))
    }, 500)
    worker.once('message', (report: FuzzReport) => end(() => resolve(report)))
    worker.once('error', error => end(() => reject(error)))
  })
