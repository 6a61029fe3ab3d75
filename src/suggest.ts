/** How many letters must change to make `a` of `b` (Levenshtein); both are short. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

/** The known name that was probably meant: another spelling, or about a third of its letters wrong. */
export const suggest = (written: string, known: Iterable<string>): string | undefined => {
  if (written.length > 64) return undefined
  const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '')
  const ranked = [...known]
    .map(name => ({ name, letters: distance(plain(written), plain(name)) }))
    .filter(({ name, letters }) => letters <= Math.ceil(name.length / 3))
    .sort((a, b) => a.letters - b.letters)
  return ranked[0]?.name
}
