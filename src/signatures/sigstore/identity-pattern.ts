import { printable } from '../../redact.ts'

export interface Pattern {
  readonly warnings: readonly string[]
  matches(text: string): boolean
}

/** Patterns are lines that people write. */
const maxLength = 4096

/**
 * A regular expression of RE2, as cosign and policies of Go programs write it: same syntax, time linear in the text. It must fit the
 * whole text. cosign looks for it anywhere in the text, so that `https://github.com/acme/` also lets in
 * `https://evil.example/?https://github.com/acme/`; what would be looked for is told in a warning.
 *
 * @returns what is wrong, in words, for what is no such pattern
 */
export const compilePattern = async (what: string, pattern: string): Promise<Pattern | string> => {
  const shown = `the pattern ${printable(pattern)} for the ${what}`
  if (pattern.length > maxLength) return `${shown} is longer than ${maxLength} characters`
  // Loaded only when a pattern is used.
  const { RE2JS } = await import('re2js')
  try {
    const compiled = RE2JS.compile(pattern)
    return { warnings: warningsOf(shown, pattern), matches: text => compiled.matcher(text).matches() }
  } catch (error) {
    return `${shown} is no regular expression of RE2 (${printable(error instanceof Error ? error.message : String(error))})`
  }
}

const warningsOf = (shown: string, pattern: string): readonly string[] => [
  ...(isAnchored(pattern) ? [] : [`In ${shown}, ^ or $ is missing: it must fit the whole text, where cosign looks for it anywhere in it.`]),
  ...(hasLooseDot(pattern) ? [`In ${shown}, a dot stands for any character: write \\. where a dot is meant.`] : []),
]

const isAnchored = (pattern: string): boolean =>
  /^(?:\(\?[a-zA-Z]+\))?(?:\^|\\A)/.test(pattern) && /(?:^|[^\\])(?:\\\\)*(?:\$|\\z)$/.test(pattern)

/** A dot outside of brackets, not escaped, not repeated (`.*` and `.+` mean what they say), between characters of a name. */
const hasLooseDot = (pattern: string): boolean => {
  const withoutEscapes = pattern.replace(/\\Q.*?(?:\\E|$)/gs, 'x').replace(/\\./gs, 'x')
  return /\.(?![*+?{])/.test(withoutEscapes.replace(/\[\^?\]?[^\]]*\]/g, 'x'))
}
