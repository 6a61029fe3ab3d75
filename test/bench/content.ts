/** Deterministic numbers (xorshift32): the same on every machine. */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

/**
 * Bytes that gzip makes two to three times smaller, as it does with programs and libraries: short pieces of what stood shortly
 * before, with new bytes between them.
 */
export const programBytes = (sizeBytes: number, seed: number): Buffer => {
  const bytes = Buffer.alloc(sizeBytes)
  const next = generator(seed)
  let at = 0
  while (at < sizeBytes) {
    const random = next()
    const fresh = 1 + (random & 7)
    for (let index = 0; index < fresh && at < sizeBytes; index++) bytes[at++] = next() & 0xff
    const copied = Math.min(5 + ((random >>> 3) & 15), sizeBytes - at)
    const back = Math.min(at, 16 + ((random >>> 8) & 0x3fff))
    for (let index = 0; index < copied; index++, at++) bytes[at] = bytes[at - back]!
  }
  return bytes
}
