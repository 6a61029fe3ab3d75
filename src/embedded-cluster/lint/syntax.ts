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
const offsetOf = ({ text, line, column }: Fault): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, one) => sum + one.length + 1, 0) +
  column -
  1
const before = (fault: Fault): string => fault.text.slice(0, offsetOf(fault)).trimEnd()

const noToken = 'found character that cannot start any token'
const noKey: Words = ({ line }) => parser(line, 'did not find expected key')

const unclosedFlow: Words = fault => {
  const { text, line } = fault
  const atEnd = offsetOf(fault) >= text.trimEnd().length
  const head = before(fault)
  const what = /[[{,:]$/.test(head) ? 'did not find expected node content' : `did not find expected ',' or '${closing(head)}'`
  return parser(atEnd ? lineOfEnd(text) : line, what)
}

/** Of the innermost bracket that is open at the end of `head`. */
const closing = (head: string): string => {
  const open: string[] = []
  for (const bracket of head.match(/[[\]{}]/g) ?? []) {
    if (bracket === '[' || bracket === '{') open.push(bracket)
    else open.pop()
  }
  return open.at(-1) === '[' ? ']' : '}'
}

const unclosedQuote: Words = (fault, match) => {
  const { text } = fault
  const start = text.indexOf(match[1] ?? '"', Math.max(0, offsetOf({ ...fault, column: 1 })))
  const end = text.indexOf(match[1] ?? '"', start + 1)
  if (start === -1 || end === -1) return scanner(lineOfEnd(text), 'found unexpected end of stream')
  return parser(text.slice(0, end + 1).split('\n').length, 'did not find expected key')
}

/** A plain text of two lines before a colon: where a key had to be, the first line lacks its own. */
const earlierKey: Words = ({ text, line }) => {
  const lines = text
    .split('\n')
    .slice(0, line - 1)
    .filter(one => one.trim() !== '')
  const indent = (one: string | undefined) => /^ */.exec(one ?? '')?.[0].length ?? 0
  const required = lines.length > 1 && indent(lines.at(-2)) >= indent(lines.at(-1))
  return scanner(line, required ? "could not find expected ':'" : 'mapping values are not allowed in this context')
}

const table: readonly (readonly [RegExp, Words])[] = [
  [/^tabs are not allowed/, ({ line }) => scanner(line, noToken)],
  [/^a text that begins with [@`%] needs quotes/, ({ line }) => scanner(line, noToken)],
  [/^a second ": "/, ({ line }) => scanner(line, 'mapping values are not allowed in this context')],
  [/^the key of this : begins on an earlier line/, earlierKey],
  [/^a key without ": "/, ({ line }) => scanner(line + 1, "could not find expected ':'")],
  [/^this does not begin at the column where the items of its sequence/, ({ line }) => parser(line, "did not find expected '-' indicator")],
  [/^this does not begin at the column|^a block sequence may not be used as an implicit|^this does not belong/, noKey],
  [/^a (?:map|sequence) is not closed/, unclosedFlow],
  [
    /^block collections are not allowed within flow/,
    fault => parser(fault.line, `did not find expected ',' or '${closing(before(fault))}'`),
  ],
  [
    /^a closing bracket without/,
    fault => parser(fault.line, /[:-]$/.test(before(fault)) ? 'did not find expected node content' : 'did not find expected key'),
  ],
  [/^the alias \*(\S+) names an anchor/, (_, match) => `unknown anchor '${match[1]}' referenced`],
  [/^unknown escape/, ({ line }) => scanner(line, 'found unknown escape character')],
  [/^(?:a text that begins with|missing closing) (["'])/, unclosedQuote],
  [/^a text that begins with \| or >/, ({ line }) => scanner(line, 'did not find expected comment or line break')],
  [/^the character U\+.* may not stand/, () => 'control characters are not allowed'],
  [/^<< takes a mapping/, () => 'map merge requires map or sequence of maps as the value'],
]
