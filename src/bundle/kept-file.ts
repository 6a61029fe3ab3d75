/** How much of a file is kept: all of it up to a limit, or its two ends, as of a log. */
export type Keep = { readonly limitBytes: number } | { readonly headBytes: number; readonly tailBytes: number }

/** What was kept of a file. */
export interface KeptFile {
  readonly bytes: Buffer
  /** Of the file itself. */
  readonly sizeBytes: number
  /** Where bytes are left out between the two ends: the number of bytes before that place. */
  readonly cutAt?: number
  /** It was larger than what is kept whole: `bytes` is empty. */
  readonly tooLarge?: true
}

export interface Keeper {
  /** `bytes` are only valid during the call. */
  write(bytes: Uint8Array): void
  end(): KeptFile
}

export const createKeeper = (keep: Keep): Keeper => ('limitBytes' in keep ? whole(keep.limitBytes) : ends(keep.headBytes, keep.tailBytes))

const whole = (limitBytes: number): Keeper => {
  let parts: Buffer[] = []
  let sizeBytes = 0
  return {
    write(bytes) {
      sizeBytes += bytes.length
      if (sizeBytes > limitBytes) parts = []
      else parts.push(Buffer.from(bytes))
    },
    end: () =>
      sizeBytes > limitBytes ? { bytes: Buffer.alloc(0), sizeBytes, tooLarge: true } : { bytes: Buffer.concat(parts), sizeBytes },
  }
}

const ends = (headBytes: number, tailBytes: number): Keeper => {
  const head: Buffer[] = []
  let tail: Buffer[] = []
  let [inHead, inTail, sizeBytes] = [0, 0, 0]
  return {
    write(bytes) {
      sizeBytes += bytes.length
      const first = bytes.subarray(0, headBytes - inHead)
      if (first.length > 0) head.push(Buffer.from(first))
      inHead += first.length
      const rest = bytes.subarray(first.length)
      if (rest.length === 0) return
      tail.push(Buffer.from(rest))
      inTail += rest.length
      // Small pieces would make a long list of what is thrown away again
      if (inTail <= 2 * tailBytes) return
      tail = [Buffer.from(Buffer.concat(tail).subarray(-tailBytes))]
      inTail = tail[0]!.length
    },
    end() {
      const all = Buffer.concat(tail)
      const bytes = Buffer.concat([...head, all.subarray(Math.max(0, all.length - tailBytes))])
      return { bytes, sizeBytes, ...(bytes.length < sizeBytes ? { cutAt: inHead } : {}) }
    },
  }
}
