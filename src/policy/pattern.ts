import { RE2JS } from 're2js'
import { printable } from '../redact.ts'
import type { TextRule } from './identity.ts'
import { patternWarnings } from './pattern-warnings.ts'

const maxPatternLength = 1000
/** Characters times repetitions: how large the compiled pattern can become, and so the time for each character of a text. */
const maxPatternWork = 50_000

/**
 * A regular expression in Go's syntax, as cosign and policy-controller take it: matched anywhere in the text, in linear time.
 *
 * @returns what is wrong with it, in a few words, when it is none
 * @see https://github.com/google/re2/wiki/Syntax
 */
export const compilePattern = (text: string): Extract<TextRule, { kind: 'pattern' }> | { readonly fault: string } => {
  if (text.length > maxPatternLength) return { fault: `it has more than ${maxPatternLength} characters` }
  const repeats = [...text.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)].map(([, low, high]) =>
    Number(high === undefined || high === '' ? low : high),
  )
  if (
    text.length *
      Math.max(
        1,
        repeats.reduce((total, count) => total + count, 0),
      ) >
    maxPatternWork
  )
    return { fault: 'it repeats too much, {…} is too large for its length' }
  try {
    const compiled = RE2JS.compile(text)
    return { kind: 'pattern', text, matches: value => compiled.matcher(value).find(), warnings: patternWarnings(text) }
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it cannot be compiled'
    return { fault: printable(why) }
  }
}
