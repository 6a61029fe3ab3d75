/** One word of a command. `glob` holds it as a pattern, when an unquoted `*`, `?` or `[` is in it. */
export interface Word {
  readonly text: string
  readonly glob?: readonly GlobPart[]
}

/** A literal character, or what may stand for characters. */
export type GlobPart = { readonly literal: string } | { readonly any: 'one' | 'many' } | { readonly set: string; readonly negated: boolean }

export interface ShellCommand {
  readonly words: readonly Word[]
  /** What follows it: `and` runs the next only after success. */
  readonly next: 'then' | 'and' | 'end'
}

export type ParsedScript = { readonly commands: readonly ShellCommand[] } | { readonly unknown: string }

/**
 * The part of the POSIX shell language (XCU 2.9) that entrypoints of plugin images are written in: simple commands between
 * `;`, newline and `&&`, quotes, comments and globs. Anything else is said to be unknown, never guessed.
 */
export const parseScript = (script: string): ParsedScript => {
  const commands: ShellCommand[] = []
  let words: Word[] = []
  let at = 0
  const finish = (next: ShellCommand['next']) => {
    if (words.length > 0) commands.push({ words, next })
    words = []
  }
  while (at < script.length) {
    const character = script[at]!
    if (character === ' ' || character === '\t' || script.startsWith('\\\n', at)) at += character === '\\' ? 2 : 1
    else if (character === '#') at = endOfLine(script, at)
    else if (character === ';' || character === '\n') {
      finish('then')
      at++
    } else if (script.startsWith('&&', at)) {
      if (words.length === 0) return { unknown: '&& without a command before it' }
      finish('and')
      at += 2
      while (/\s/.test(script[at] ?? '')) at++
    } else {
      const read = readWord(script, at)
      if ('unknown' in read) return read
      words.push(read.word)
      at = read.end
    }
  }
  finish('end')
  return { commands }
}

const endOfLine = (script: string, at: number): number => {
  const newline = script.indexOf('\n', at)
  return newline < 0 ? script.length : newline
}

const readWord = (script: string, start: number): { readonly word: Word; readonly end: number } | { readonly unknown: string } => {
  let text = ''
  const glob: GlobPart[] = []
  const literal = (part: string) => {
    text += part
    for (const character of part) glob.push({ literal: character })
  }
  let at = start
  while (at < script.length && !/[\s;&]/.test(script[at]!)) {
    const character = script[at]!
    if (character === "'" || character === '"') {
      const quoted = readQuoted(script, at)
      if (quoted === undefined) return { unknown: `a quoted text with ${character} that a shell would expand or that has no end` }
      literal(quoted.text)
      at = quoted.end
    } else if (character === '\\' && at + 1 < script.length) {
      literal(script[at + 1]!)
      at += 2
    } else if ('$`|<>(){}~!'.includes(character)) {
      return { unknown: `the shell's ${character}` }
    } else if (character === '*' || character === '?') {
      text += character
      glob.push({ any: character === '*' ? 'many' : 'one' })
      at++
    } else if (character === '[') {
      const set = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(script.slice(at))
      if (set === null) literal(character)
      else {
        text += set[0]
        glob.push({ set: set[2]!, negated: set[1] !== '' })
      }
      at += set?.[0].length ?? 1
    } else {
      literal(character)
      at++
    }
  }
  if (script[at] === '&' && script[at + 1] !== '&') return { unknown: "the shell's &" }
  return { word: { text, ...(glob.every(part => 'literal' in part) ? {} : { glob }) }, end: at }
}

/** Undefined when it does not end, or holds what a shell replaces. */
const readQuoted = (script: string, start: number): { readonly text: string; readonly end: number } | undefined => {
  const quote = script[start]!
  let text = ''
  for (let at = start + 1; at < script.length; at++) {
    const character = script[at]!
    if (character === quote) return { text, end: at + 1 }
    if (quote === '"' && (character === '$' || character === '`')) return undefined
    if (quote === '"' && character === '\\' && '"\\$`\n'.includes(script[at + 1] ?? ' ')) {
      at++
      if (script[at] !== '\n') text += script[at]
    } else text += character
  }
  return undefined
}

/** Whether a file name fits a pattern; a leading dot must be written out. */
export const globMatches = (glob: readonly GlobPart[], name: string): boolean => {
  const first = glob[0]
  if (name.startsWith('.') && !(first !== undefined && 'literal' in first && first.literal === '.')) return false
  // Backtracks to the last `*` only, so that a hostile pattern costs at most length times length
  let at = 0
  let part = 0
  let star = -1
  let starAt = 0
  while (at < name.length) {
    const want = glob[part]
    if (want !== undefined && 'any' in want && want.any === 'many') {
      star = part++
      starAt = at
    } else if (want !== undefined && one(want, name[at]!)) {
      part++
      at++
    } else if (star >= 0) {
      part = star + 1
      at = ++starAt
    } else return false
  }
  return glob.slice(part).every(rest => 'any' in rest && rest.any === 'many')
}

const one = (part: GlobPart, character: string): boolean => {
  if ('literal' in part) return part.literal === character
  if ('any' in part) return part.any === 'one'
  return inSet(part.set, character) !== part.negated
}

const inSet = (set: string, character: string): boolean => {
  for (let at = 0; at < set.length; at++) {
    if (set[at + 1] === '-' && at + 2 < set.length) {
      if (set[at]! <= character && character <= set[at + 2]!) return true
      at += 2
    } else if (set[at] === character) return true
  }
  return false
}
