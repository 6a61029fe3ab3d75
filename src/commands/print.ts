import type { Output } from '../cli.ts'
import { PreflightError } from '../errors.ts'

/** EPIPE: the reader is gone. The other: so it was at an earlier write already. */
const gone = new Set<unknown>(['EPIPE', 'ERR_STREAM_DESTROYED'])

/**
 * Writes `text` and waits until it is out. A reader that has gone (`| head`) is no failure.
 *
 * @throws PreflightError OUTPUT_UNWRITABLE
 */
export const print = (output: Output, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    output.write(text, cause => {
      if (cause === undefined || cause === null || ('code' in cause && gone.has(cause.code))) resolve()
      else reject(new PreflightError('OUTPUT_UNWRITABLE', `Standard output could not be written to: ${cause.message}.`, { cause }))
    })
  })
