/** The word of `known` that `word` was probably meant to be: another case, or at most two letters wrong (one in a short word). */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  if (word.length > 60) return undefined
  const folded = word.toLowerCase()
  const ranked = known
    .map(name => ({ name, distance: distance(folded, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= (name.length < 5 ? 1 : 2))
    .toSorted((a, b) => a.distance - b.distance)
  return ranked[0]?.name
}

/** Letters to add, drop, change or swap with their neighbour (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const [last, row] = [rows[i - 1]!, [i]]
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : changed
      row.push(Math.min(changed, swapped, last[j]! + 1, row[j - 1]! + 1))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
