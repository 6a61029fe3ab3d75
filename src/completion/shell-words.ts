/**
 * The words of a line before the cursor, as bash reads them (Bash reference manual, 3.1.2 Quoting), without anything being
 * expanded; the last one is what is being written, and may be empty. A pipe or list begins a new command.
 */
export const shellWords = (line: string): readonly string[] => {
  let words: string[] = []
  let word = ''
  let inWord = false
  let quote = ''
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? ''
    const next = line[index + 1] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
      else if (quote === '"' && character === '\\' && /["\\$`]/.test(next)) {
        word += next
        index++
      } else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      inWord = true
    } else if (character === '\\') {
      word += next
      index++
      inWord = true
    } else if (/[|;&(]/.test(character)) {
      words = []
      word = ''
      inWord = false
    } else if (/\s/.test(character)) {
      if (inWord) words.push(word)
      word = ''
      inWord = false
    } else {
      word += character
      inWord = true
    }
  }
  return [...words, word]
}
