import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Between two collections; smaller costs time, larger memory. */
const intervalBytes = 8 << 20

/**
 * Takes back the memory of what was received, as it streams by. It lies outside of V8's heap and is freed together with the small
 * objects that stand for it; of these so few are made that V8 sees no reason to look at them for a long time, and buffers of a large
 * layer pile up.
 *
 * @returns to be told of each buffer
 */
export const createYoungMemory = (): ((receivedBytes: number) => void) => {
  let sinceBytes = 0
  let collect: (() => void) | undefined
  return receivedBytes => {
    sinceBytes += receivedBytes
    if (sinceBytes < intervalBytes) return
    sinceBytes = 0
    collect ??= minorCollection()
    collect()
  }
}

/** V8 shows its collector to new contexts only while the flag is set. */
const minorCollection = (): (() => void) => {
  v8.setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  v8.setFlagsFromString('--no-expose-gc')
  return typeof gc === 'function' ? () => void gc({ type: 'minor' }) : () => undefined
}
