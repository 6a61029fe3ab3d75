import { Socket } from 'node:net'

/** What is read just now, of this process. */
const reading = new Set<Socket>()
/** Why no pipe is read any longer: also what is opened later, by work that nobody waits for, would keep the process. */
let ended: Error | undefined

/**
 * What comes out of a pipe until all its writers have closed it; while there is none yet, that is awaited.
 *
 * @param file opened without blocking; it is closed here
 * @returns undefined when there is more than the limit
 * @throws Error that {@link endPipes} was given
 */
export const readPipe = async (file: number, limitBytes: number): Promise<Uint8Array | undefined> => {
  const pipe = new Socket({ fd: file, readable: true, writable: false })
  reading.add(pipe)
  if (ended !== undefined) pipe.destroy(ended)
  try {
    const pieces: Uint8Array[] = []
    let sizeBytes = 0
    for await (const piece of pipe as AsyncIterable<Uint8Array>) {
      sizeBytes += piece.length
      if (sizeBytes > limitBytes) return undefined
      pieces.push(piece)
    }
    return Buffer.concat(pieces)
  } finally {
    reading.delete(pipe)
    pipe.destroy()
  }
}

/** A run begins, and may read pipes until its time is up. */
export const allowPipes = (): void => {
  ended = undefined
}

/** Nobody waits for a pipe any longer. */
export const endPipes = (reason: Error): void => {
  ended = reason
  for (const pipe of reading) pipe.destroy(reason)
}
