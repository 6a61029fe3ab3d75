import { Composer, type CST, type Document, isScalar, Lexer, type ParsedNode, Parser } from 'yaml'
import { PreflightError } from './errors.ts'
import type { Position } from './position.ts'
import { dialect, documentMark } from './yaml/dialect.ts'
import type { YamlNode } from './yaml/node.ts'
import { errorAt, type SourceText, sourceText } from './yaml/source-text.ts'
import { syntaxMessage } from './yaml/syntax-message.ts'
import { buildTree, type Lenience } from './yaml/tree.ts'

export type { Position } from './position.ts'
export { firstDocument } from './yaml/first-document.ts'
export {
  at,
  describe,
  type PlainValue,
  textOf,
  toJs,
  type YamlEntry,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml/node.ts'
export { createReader, type Reader } from './yaml/reader.ts'
export { asText, type ScalarValue } from './yaml/scalar.ts'
export { errorAt, type SourceText } from './yaml/source-text.ts'
export type { Lenience } from './yaml/tree.ts'

/** Largest YAML text that is read, in bytes; a caller reads no more than one byte beyond it. */
export const maxYamlBytes = 8 * 1024 * 1024

const maxDepth = 100
const maxDocuments = 10_000
/** Time and memory go with these; 8 MiB of certificates and base64 have a few thousand. */
const maxSymbols = 1_000_000

/** One document of a stream, without its syntax. */
export interface YamlDocument {
  readonly file: string
  readonly source: SourceText
  /** Where it starts. */
  readonly position: Position
  /** Its characters, from `---` to its end. */
  readonly text: string
  /** Undefined for an empty document: nothing, or comments. */
  readonly root: YamlNode | undefined
}

/**
 * Reads YAML (or JSON) as Kubernetes does, with the position of every node.
 *
 * What go-yaml and the YAML 1.2 parser below would understand differently is refused, so that nobody can show one thing to
 * us and another to the cluster: control characters, other line breaks than LF and CRLF, keys set twice (by a merge key too).
 *
 * @param file for positions: the path as given, or `-`
 * @param lenience for who wants to know all of them
 * @throws PreflightError FILE_TOO_LARGE; YAML_INVALID as `file:line:column: what is wrong`, with the line and a caret
 */
export const parseYaml = (input: string | Uint8Array, file: string, lenience: Lenience = {}): readonly YamlDocument[] => {
  if (input.length > maxYamlBytes)
    throw new PreflightError('FILE_TOO_LARGE', `${file}: larger than the ${maxYamlBytes / 1024 / 1024} MiB that a YAML file may have.`)
  const source = sourceText(typeof input === 'string' ? input.replace(/^\ufeff/, '') : decode(input, file), file)
  refuseCharacters(source)
  return composed(source).map(document => {
    const { contents } = document
    // go-yaml ends a block of text at the margin where the YAML 1.2 parser goes on to the end of the file.
    if (isScalar(contents) && contents.type?.startsWith('BLOCK') === true)
      throw errorAt(source, 'YAML_INVALID', source.position(contents.range[0]), 'a block of text is no document')
    const root = contents === null ? undefined : buildTree(contents, source, lenience)
    const empty = root?.kind === 'scalar' && root.value === null
    const [start, , end] = document.range
    return { file, source, position: source.position(start), text: source.text.slice(start, end), root: empty ? undefined : root }
  })
}

const decode = (bytes: Uint8Array, file: string): string => {
  const what = (text: string) => new PreflightError('YAML_INVALID', `${file}:${text}`, { hint: 'Save the file as UTF-8.' })
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) throw what('1:1: the file is UTF-16, not UTF-8')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const source = sourceText(new TextDecoder().decode(bytes), file)
    const { line, column } = source.position(source.text.indexOf('\ufffd'))
    throw what(`${line}:${column}: the bytes here are not UTF-8`)
  }
}

/** Control characters, and what only YAML 1.1 takes as a line break (go-yaml's readerc.go and yamlprivateh.go). */
const forbidden = /[^\t\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|\r(?!\n)/u

const refuseCharacters = (source: SourceText): void => {
  const found = forbidden.exec(source.text)
  if (found === null) return
  const what =
    found[0] === '\r'
      ? 'a carriage return without a line feed'
      : `the character U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
  throw errorAt(
    source,
    'YAML_INVALID',
    source.position(found.index),
    `${what} may not stand in YAML; in double quotes write it as an escape`,
  )
}

/** All documents, up to the first mistake. Tags are resolved by us (failsafe), keys compared by us: the parser's way is quadratic. */
const composed = (source: SourceText): Document.Parsed<ParsedNode>[] => {
  const composer = new Composer<ParsedNode>({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const documents: Document.Parsed<ParsedNode>[] = []
  for (const document of composer.compose(tokens(source), true, source.text.length)) {
    const error = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0]
    // What is missing at the end is missed after the last character that was written.
    if (error !== undefined) {
      const offset = Math.min(error.pos[0], source.text.trimEnd().length)
      throw errorAt(source, 'YAML_INVALID', source.position(offset), syntaxMessage(error.message))
    }
    documents.push(document)
    if (documents.length > maxDocuments)
      throw errorAt(source, 'YAML_INVALID', source.position(document.range[0]), `more than ${maxDocuments} documents`)
  }
  return documents
}

/**
 * The parser's tokens up to the first mistake, bounded in number and, because composing recurses, in nesting. A document
 * after `...` must begin with `---`, as for go-yaml.
 */
const tokens = function* (source: SourceText): Generator<CST.Token> {
  const parser = new Parser()
  const wrong = (what: string) => errorAt(source, 'YAML_INVALID', source.position(parser.offset), what)
  let symbols = 0
  const check = dialect()
  let ended = false
  let begins = false
  for (const lexeme of new Lexer().lex(source.text)) {
    symbols += 1
    if (symbols > maxSymbols) throw wrong(`more than ${maxSymbols} words, signs and lines`)
    const mistake = check(lexeme)
    if (mistake !== undefined) throw wrong(mistake)
    for (const token of parser.next(lexeme)) {
      yield token
      if (token.type === 'error') return
    }
    // The lexer marks a document before its first lexeme, which may be its ---.
    if (begins && ended && lexeme !== '---') throw wrong('after ... the next document starts with ---')
    if (begins) ended = false
    begins = lexeme === documentMark
    if (parser.stack[0]?.type === 'doc-end') ended = true
    if (parser.stack.length > maxDepth) throw wrong(`nested deeper than ${maxDepth} levels`)
  }
  yield* parser.end()
}
