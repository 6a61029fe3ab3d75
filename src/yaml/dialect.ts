/** What the lexer of `yaml` 2.9 puts before the text of a plain or block scalar, and where a document begins. */
const scalarMark = '\u001f'
export const documentMark = '\u0002'

/**
 * Watches a stream of lexemes for what YAML 1.2 takes and go-yaml v2 (scannerc.go) refuses or reads as something else: what
 * the cluster would not read as we do is a mistake. Gives for each lexeme what is wrong with it.
 */
export const dialect = (): ((lexeme: string) => string | undefined) => {
  let flowDepth = 0
  let last = ''
  /** The last lexeme of this line that is not white space. */
  let word = ''
  let wordIsPlain = false
  let blockHeader = ''
  const advance = (lexeme: string) => {
    if (last === scalarMark) blockHeader = ''
    else if (lexeme === '[' || lexeme === '{') flowDepth += 1
    else if (lexeme === ']' || lexeme === '}') flowDepth -= 1
    else if (/^[|>]/.test(lexeme)) blockHeader = lexeme
    if (/^\r?\n$/.test(lexeme) || lexeme === documentMark) word = ''
    else if (!/^[ \t]+$/.test(lexeme) && lexeme !== scalarMark) {
      wordIsPlain = last === scalarMark
      word = lexeme
    }
    last = lexeme
  }
  const check = (lexeme: string): string | undefined => {
    if (last === scalarMark) return blockHeader === '' ? checkPlain(lexeme, flowDepth > 0) : checkBlock(lexeme, blockHeader)
    if (lexeme.startsWith('\t') || lexeme.startsWith(' ')) return flowDepth === 0 && lexeme.includes('\t') ? checkTab(word) : undefined
    if (lexeme.startsWith('"') && /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/.test(lexeme))
      return 'an escape of half a character, as JSON has them; write the character itself'
    if (lexeme.startsWith('"') && /(?<!\\)(?:\\\\)*\\\//.test(lexeme))
      return 'unknown escape \\/ in double quotes, as JSON has it; write / itself'
    if (lexeme.startsWith('%')) return checkDirective(lexeme)
    if (lexeme === '?') return 'keys that begin with ? are not understood alike by all YAML parsers; write key: value'
    return lexeme === ':' ? checkKey(word) : undefined
  }
  let plainColon = false
  return lexeme => {
    const missing = plainColon && !/^\s/.test(lexeme) && flowDepth > 0 ? 'a space is missing before this, after the :' : undefined
    const wrong = missing ?? check(lexeme)
    plainColon = lexeme === ':' && last !== scalarMark && wordIsPlain
    advance(lexeme)
    return wrong
  }
}

const checkPlain = (text: string, inFlow: boolean): string | undefined => {
  if (inFlow && (text.startsWith(':') || text.includes('?')))
    return 'inside [ ] and { } a text with ?, or with : at its start, needs quotes'
  return /\n *\t/.test(text) ? 'this text goes on in a line that is indented with a tab' : undefined
}

const checkBlock = (text: string, header: string): string | undefined =>
  !/[1-9]/.test(header) && /^(?: *\r?\n)* *\t/.test(text) ? `the block of text after ${header} begins with a tab` : undefined

const checkTab = (word: string): string | undefined => {
  if (word === '') return 'tabs are not allowed as indentation'
  return word === '-' ? 'a tab after -; use a space' : undefined
}

/** Of YAML's versions it knows 1.1 alone (parserc.go, yaml_parser_process_directives), and of directives two. */
const checkDirective = (line: string): string | undefined => {
  const [name = '', version = ''] = line.slice(1).split(/[ \t]+/)
  if (name === 'YAML') return version === '1.1' ? undefined : 'Kubernetes reads YAML 1.1 alone; leave the %YAML out'
  return name === 'TAG' ? undefined : 'a line that begins with % is no directive but of %YAML and %TAG'
}

const checkKey = (word: string): string | undefined => {
  if (word === '') return 'the : does not stand on the line of its key'
  return word.includes('\n') ? 'the key of this : begins on an earlier line; is the indentation right?' : undefined
}
