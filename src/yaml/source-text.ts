import { PreflightError } from '../errors.ts'
import { type Position, showPosition } from '../position.ts'
import { printable, redact } from '../redact.ts'

/** A text with its lines, so that every offset has a position and every position a line to show. */
export interface SourceText {
  readonly file: string
  readonly text: string
  position(offset: number): Position
  /** The line at `position` and below it a caret, printable and cut to a screen's width. */
  excerpt(position: Position, of?: DocumentCode): readonly [line: string, caret: string]
}

const shownBefore = 60
const shownAfter = 50
/** Looking for secrets takes time that grows with the square of a line. */
const longestLookedAt = 10_000

export const sourceText = (text: string, file: string): SourceText => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const lineAt = (offset: number): number => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
  return {
    file,
    text,
    position: offset => {
      const line = lineAt(offset)
      return { file, line: line + 1, column: offset - starts[line]! + 1 }
    },
    excerpt: ({ line, column }, of) => {
      const start = starts[line - 1] ?? text.length
      const end = (starts[line] ?? text.length + 1) - 1
      if (end - start > longestLookedAt || mayHoldSecret(text.slice(start, end), of))
        return ['(the line is not shown: it may hold a secret)', '^']
      const caret = Math.min(start + column - 1, end)
      const from = caret - start > shownBefore ? caret - shownBefore : start
      const before = `${from > start ? '…' : ''}${show(text.slice(from, caret))}`
      const after = text.slice(caret, Math.min(end, caret + shownAfter)).replace(/\r$/, '')
      return [`${before}${show(after)}${caret + shownAfter < end ? '…' : ''}`, `${' '.repeat(before.length)}^`]
    },
  }
}

/** Passwords of Helm repositories stand in Configs, signed addresses anywhere. */
const mayHoldSecret = (text: string, of: DocumentCode | undefined): boolean => {
  // An outcome of a spec.
  const line = of === 'SPEC_INVALID' ? text.replace(/\bpass["']?[ \t]*:/g, '') : text
  return /(?:pass\w*|token|auth|credentials?|api_?key)["']?[ \t]*:/i.test(line) || redact(line) !== line
}

const show = (text: string) => printable(text, Number.POSITIVE_INFINITY)

/** The kinds of documents whose mistakes are shown at their place. */
export type DocumentCode = 'YAML_INVALID' | 'CONFIG_INVALID' | 'SPEC_INVALID' | 'SECRETS_INVALID' | 'POLICY_INVALID'

/** The error of one place: `file:line:column: what is wrong`, then the line and a caret under the place. */
export const errorAt = (source: SourceText, code: DocumentCode, position: Position, what: string, hint?: string): PreflightError => {
  const [line, caret] = source.excerpt(position, code)
  return new PreflightError(code, `${showPosition(position)}: ${what}\n  ${line}\n  ${caret}`, { hint })
}
