/**
 * Go's path.Match for one label of a host name: `*`, `?`, `[a-z]`, `[^a-z]` and `\`. A pattern that is not well formed matches
 * nothing. Each `*` takes the first place where what follows it fits, so the time is the product of the lengths at most.
 *
 * @see https://github.com/golang/go/blob/go1.24.12/src/path/match.go
 */
export const globMatches = (pattern: string, text: string): boolean => {
  const chunks = parse([...pattern])
  if (chunks === undefined) return false
  const name = [...text]
  let at = 0
  for (const [index, { star, parts }] of chunks.entries()) {
    const last = index === chunks.length - 1
    const found = place(parts, name, at, star, last)
    if (found === undefined) return false
    at = found + parts.length
  }
  return at === name.length || (chunks.at(-1)?.star === true && chunks.at(-1)!.parts.length === 0 && !name.slice(at).includes('/'))
}

type Part = (char: string) => boolean
interface Chunk {
  readonly star: boolean
  readonly parts: readonly Part[]
}

const place = (parts: readonly Part[], name: readonly string[], from: number, star: boolean, last: boolean): number | undefined => {
  for (let at = from; at + parts.length <= name.length; at++) {
    const fits = parts.every((part, i) => part(name[at + i]!)) && (!last || parts.length === 0 || at + parts.length === name.length)
    if (fits) return at
    if (!star || name[at] === '/') return undefined
  }
  return undefined
}

const parse = (chars: readonly string[]): readonly Chunk[] | undefined => {
  const chunks: { star: boolean; parts: Part[] }[] = [{ star: false, parts: [] }]
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!
    const { parts, star } = chunks.at(-1)!
    if (char === '*') {
      if (!star || parts.length > 0) chunks.push({ star: true, parts: [] })
    } else if (char === '?') parts.push(c => c !== '/')
    else if (char === '[') {
      const set = parseSet(chars, i + 1)
      if (set === undefined) return undefined
      parts.push(set.part)
      i = set.end
    } else if (char === '\\') {
      const literal = chars[++i]
      if (literal === undefined) return undefined
      parts.push(c => c === literal)
    } else parts.push(c => c === char)
  }
  return chunks
}

/** From behind `[` to its `]`: at least one range. */
const parseSet = (chars: readonly string[], start: number): { readonly part: Part; readonly end: number } | undefined => {
  const negated = chars[start] === '^'
  const ranges: (readonly [low: string, high: string])[] = []
  let at = negated ? start + 1 : start
  while (!(chars[at] === ']' && ranges.length > 0)) {
    const low = setChar(chars, at)
    if (low === undefined) return undefined
    at = low.next
    const high = chars[at] === '-' ? setChar(chars, at + 1) : low
    if (high === undefined) return undefined
    at = high.next
    ranges.push([low.char, high.char])
  }
  const inside = (c: string) => ranges.some(([low, high]) => point(low) <= point(c) && point(c) <= point(high))
  return { part: c => inside(c) !== negated, end: at }
}

const point = (char: string): number => char.codePointAt(0)!

const setChar = (chars: readonly string[], at: number): { readonly char: string; readonly next: number } | undefined => {
  const first = chars[at]
  if (first === undefined || first === '-' || first === ']') return undefined
  const char = first === '\\' ? chars[at + 1] : first
  // The set needs its "]" behind every character.
  const next = first === '\\' ? at + 2 : at + 1
  return char === undefined || next >= chars.length ? undefined : { char, next }
}
