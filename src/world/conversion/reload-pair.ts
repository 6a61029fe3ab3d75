import { PreflightError } from '../../errors.ts'
import { type PairFiles, readServingPair, type ServingPair, samePair } from './serving-pair.ts'

export interface ReloadOptions extends PairFiles {
  readonly pair: ServingPair
  readonly everyMs: number
  use(pair: ServingPair): void
  log(line: string): void
}

/**
 * Looks again and again whether the files have changed, and hands on what is in them once it fits. By time, as kubelet swaps the
 * folder of a mounted Secret, which no watch of a file sees. Between two writes the certificate and the key are of different pairs:
 * until they fit, the old pair stays in use.
 *
 * @returns how to end it
 */
export const reloadPair = ({ pair, everyMs, use, log, ...files }: ReloadOptions): (() => void) => {
  let [current, told, reading, expired] = [pair, '', false, false]
  const look = async () => {
    try {
      const found = await readServingPair(files)
      told = ''
      if (!samePair(found, current)) {
        use(found)
        current = found
        expired = false
        log(`certificate re-read: ${found.description}`)
      }
    } catch (error) {
      const why = error instanceof PreflightError ? `${error.code} ${error.message}` : String(error)
      if (why !== told) log(`the certificate in use stays: ${why}`)
      told = why
    }
    if (current.notAfterMs < Date.now() && !expired) {
      expired = true
      log(`the certificate has expired: ${current.description}; API servers refuse it`)
    }
  }
  const timer = setInterval(() => {
    if (reading) return
    reading = true
    void look().finally(() => {
      reading = false
    })
  }, everyMs)
  return () => clearInterval(timer)
}
