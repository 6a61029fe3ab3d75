import { PreflightError } from '../../errors.ts'

/**
 * What go-yaml v2 says of a text that it cannot read, in place of our own words: scanner errors count lines from 1, parser
 * errors from 0, and line 0 is not told (go-yaml v2.4 decode.go, fail). For what is not in the table our own words stay.
 */
export const syntaxErrorOf = (error: unknown, text: string): string => {
  if (!(error instanceof PreflightError)) throw error
  const [, at, what = ''] = /^.*?:(\d+):\d+: (.*)$/s.exec(error.message.split('\n')[0] ?? '') ?? []
  const fault: Fault = { text, line: Number(at), column: Number(/^.*?:\d+:(\d+): /.exec(error.message)?.[1] ?? 1) }
  for (const [pattern, words] of table) {
    const match = pattern.exec(what)
    if (match !== null) return `yaml: ${words(fault, match)}`
  }
  return `yaml: line ${fault.line}: ${what || error.message}`
}

interface Fault {
  readonly text: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

type Words = (fault: Fault, match: RegExpExecArray) => string

const scanner = (line: number, words: string): string => (line <= 1 ? words : `line ${line}: ${words}`)
const parser = (line: number, words: string): string => (line <= 1 ? words : `line ${line - 1}: ${words}`)

const lineOfEnd = (text: string): number => text.split('\n').length
/** The parser's end is on a line of its own. */
const lineBehind = (text: string): number => lineOfEnd(text) + (text === '' || text.endsWith('\n') ? 0 : 1)
const offsetOf = ({ text, line, column }: Fault): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, one) => sum + one.length + 1, 0) +
  column -
  1
const before = (fault: Fault): string => fault.text.slice(0, offsetOf(fault)).trimEnd()

const noToken = 'found character that cannot start any token'
const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0

/** Where the next word stands: the parser places a mistake at the end of the word before it. */
const lineOfWord = (fault: Fault): number => {
  const rest = fault.text.slice(offsetOf(fault))
  const blank = /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(rest)?.[0] ?? ''
  return blank.length === rest.length ? fault.line : fault.line + blank.split('\n').length - 1
}

const noKey: Words = fault => {
  const head = before(fault)
  const { text } = fault
  const line = lineOfWord(fault)
  if (closing(head) !== undefined) return parser(line, notClosed(head))
  const lines = text.split('\n')
  const root = lines.find(one => /^ *[^\s#]/.test(one)) ?? ''
  const outside = indentOf(lines[line - 1] ?? '') < indentOf(root)
  return parser(line, outside ? 'did not find expected <document start>' : 'did not find expected key')
}

const unclosedFlow: Words = fault => {
  const { text, line } = fault
  const atEnd = offsetOf(fault) >= text.trimEnd().length
  const head = before(fault)
  const what = /[[{,:]$/.test(head) ? 'did not find expected node content' : notClosed(head)
  return parser(atEnd ? lineBehind(text) : line, what)
}

const notClosed = (head: string): string => `did not find expected ',' or '${closing(head) ?? '}'}'`

/** Of the innermost bracket that is open at the end of `head`, quotes and comments aside. */
const closing = (head: string): string | undefined => {
  const open: string[] = []
  for (const bracket of head.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|(?:^|\s)#.*$/gm, '').match(/[[\]{}]/g) ?? []) {
    if (bracket === '[' || bracket === '{') open.push(bracket)
    else open.pop()
  }
  const innermost = open.at(-1)
  return innermost === undefined ? undefined : innermost === '[' ? ']' : '}'
}

const unclosedQuote: Words = (fault, match) => {
  const { text } = fault
  const start = text.indexOf(match[1] ?? '"', Math.max(0, offsetOf({ ...fault, column: 1 })))
  const end = text.indexOf(match[1] ?? '"', start + 1)
  if (start === -1 || end === -1) return scanner(lineOfEnd(text), 'found unexpected end of stream')
  return parser(text.slice(0, end + 1).split('\n').length, 'did not find expected key')
}

const longKey: Words = fault => {
  const { text, line } = fault
  const quote = /["']/.exec(text.slice(offsetOf(fault), offsetOf(fault) + 1))?.[0]
  const open = quote !== undefined && !text.slice(offsetOf(fault) + 1).includes(quote)
  return open ? scanner(lineOfEnd(text), 'found unexpected end of stream') : scanner(line + 1, "could not find expected ':'")
}

/** A plain text of two lines before a colon: where a key had to be, the first line lacks its own. */
const earlierKey: Words = ({ text, line }) => {
  const lines = text
    .split('\n')
    .slice(0, line - 1)
    .filter(one => one.trim() !== '')
  const [above = '', first = ''] = lines.slice(-2)
  const required = lines.length > 1 && !/:\s/.test(first) && indentOf(above) >= indentOf(first)
  return scanner(line, required ? "could not find expected ':'" : 'mapping values are not allowed in this context')
}

/** A plain text goes on until the tab, in whatever line that stands. */
const tab: Words = ({ text, line }) => {
  const lines = text.split('\n').slice(0, line - 1)
  const above = lines.findLast(one => one.trim() !== '') ?? ''
  const value = /^\s*(?:- +)*(?:[^\s"'#][^"'#]*?: +)?([^#]*)$/.exec(above.trimEnd())?.[1] ?? ''
  const isPlain = value !== '' && !/^["'[{|>*&!]|:$/.test(value)
  return scanner(line, isPlain ? 'found a tab character that violates indentation' : noToken)
}

const table: readonly (readonly [RegExp, Words])[] = [
  [/^tabs are not allowed/, tab],
  [
    /^the block of text after .* begins with a tab/,
    ({ line }) => scanner(line, 'found a tab character where an indentation space is expected'),
  ],
  [/^a text that begins with [@`%|>] needs quotes/, ({ line }) => scanner(line, noToken)],
  [/^a second ": "/, ({ line }) => scanner(line, 'mapping values are not allowed in this context')],
  [/^the key of this : begins on an earlier line/, earlierKey],
  [/^a key without ": "/, ({ line }) => scanner(line + 1, "could not find expected ':'")],
  [/^this does not begin at the column where the items of its sequence/, ({ line }) => parser(line, "did not find expected '-' indicator")],
  [
    /^this does not begin at the column|^a block sequence may not be used as an implicit|^this does not belong|^the : does not stand/,
    noKey,
  ],
  [/^a (?:map|sequence) is not closed|^flow (?:map|sequence) must end/, unclosedFlow],
  [/^block collections are not allowed within flow|^missing , or : between flow/, fault => parser(fault.line, notClosed(before(fault)))],
  [/^a key takes more than one line/, longKey],
  [/^unexpected block-seq-ind on same line/, ({ line }) => scanner(line, 'block sequence entries are not allowed in this context')],
  [
    /^a closing bracket without/,
    fault => parser(fault.line, /[:-]$/.test(before(fault)) ? 'did not find expected node content' : 'did not find expected key'),
  ],
  [/^the alias \*(\S+) names an anchor/, (_, match) => `unknown anchor '${match[1]}' referenced`],
  [
    /^inside \[ \] and { } a text with \?, or with :/,
    fault =>
      fault.text[offsetOf(fault)] === ':'
        ? parser(fault.line, 'did not find expected node content')
        : `line ${fault.line}: a text with ? in [ ] or { }`,
  ],
  [/^after \.\.\. the next document starts/, ({ line }) => parser(line, 'did not find expected <document start>')],
  [/^an item of the sequence has no - /, ({ line }) => parser(line, "did not find expected '-' indicator")],
  [/^block scalar lines must not be less/, ({ line }) => scanner(line, 'found a tab character where an indentation space is expected')],
  [/^could not resolve tag/, ({ line }) => parser(line, 'found undefined tag handle')],
  [/^(?:anchor|alias) cannot be an empty/, ({ line }) => scanner(line, 'did not find expected alphabetic or numeric character')],
  [/^an escape of half a character/, ({ line }) => scanner(line, 'found invalid Unicode character escape code')],
  [/^unknown escape/, ({ line }) => scanner(line, 'found unknown escape character')],
  [/^(?:a text that begins with|missing closing) (["'])/, unclosedQuote],
  [/^a text that begins with \| or >/, ({ line }) => scanner(line, 'did not find expected comment or line break')],
  [/^the alias \*(\S+) stands inside/, (_, match) => `anchor '${match[1]}' value contains itself`],
  [/^Kubernetes reads YAML 1\.1 alone/, ({ line }) => parser(line, 'found incompatible YAML document')],
  [/^a line that begins with % is no directive/, ({ line }) => scanner(line, 'found unknown directive name')],
  [/^the character U\+.* may not stand/, () => 'control characters are not allowed'],
  [/^<< takes a mapping/, () => 'map merge requires map or sequence of maps as the value'],
]
