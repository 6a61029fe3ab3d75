/** What was asked once, for all who ask the same. */
export interface KeptAnswers {
  /**
   * The answer that is under way or kept; else `ask` gives it. A failure is not kept.
   *
   * @param lasting whether it will still be right the next moment; else it is shared only while it is under way
   */
  get<T>(key: string, lasting: boolean, sizeOf: (answer: T) => number, ask: () => Promise<T>): Promise<T>
}

/** @param limitBytes of all that is kept; what comes later is asked again */
export const createKeptAnswers = (limitBytes: number): KeptAnswers => {
  const kept = new Map<string, Promise<unknown>>()
  let keptBytes = 0
  return {
    get<T>(key: string, lasting: boolean, sizeOf: (answer: T) => number, ask: () => Promise<T>): Promise<T> {
      const known = kept.get(key)
      if (known !== undefined) return known as Promise<T>
      const asking = ask()
      kept.set(key, asking)
      const forget = () => kept.delete(key)
      asking.then(answer => {
        const sizeBytes = sizeOf(answer)
        if (!lasting || keptBytes + sizeBytes > limitBytes) forget()
        else keptBytes += sizeBytes
      }, forget)
      return asking
    },
  }
}
