/**
 * `text` as lines of at most `width` columns: the first begins with `first`, the others with `rest`. A word longer than a line
 * (a digest, a reference) stays whole, so that it can be copied.
 */
export const wrap = (text: string, width: number, rest: string, first: string): string[] =>
  text.split('\n').flatMap((paragraph, index) => {
    const lines: string[] = []
    let line = index === 0 ? first : rest
    let empty = true
    for (const word of paragraph.split(' ')) {
      if (!empty && line.length + 1 + word.length > width) {
        lines.push(line)
        line = rest
        empty = true
      }
      line = empty ? line + word : `${line} ${word}`
      empty = false
    }
    return [...lines, line]
  })
