/** The middle of the values; of an even number the mean of the two in the middle. NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** What is measured side by side, by name: each gives one number a time. */
export type Contenders<Name extends string> = Readonly<Record<Name, () => Promise<number>>>

/**
 * Medians of `runs` values each, taken in turns, so that what else the machine does meets all of them alike. One round before
 * them is not counted: it fills caches of files and code, of every contender.
 */
export const alternate = async <Name extends string>(contenders: Contenders<Name>, runs: number): Promise<Record<Name, number>> => {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= runs; round++) {
    for (const name of names) {
      const value = await contenders[name]()
      if (round > 0) values[name].push(value)
    }
  }
  return Object.fromEntries(names.map(name => [name, median(values[name])])) as Record<Name, number>
}
