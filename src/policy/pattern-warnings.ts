import { printable } from '../redact.ts'

/**
 * What makes a pattern of identities match more than its author meant, a sentence each: no `^` and `$` around all of it, and
 * dots that stand for a dot but match any character (`github.com`). `.*` and `.+` are taken as meant.
 *
 * @param text a pattern that compiles
 */
export const patternWarnings = (text: string): readonly string[] => {
  const shown = `/${printable(text, 120)}/`
  return [
    ...(!lineAnchors.test(text) && isAnchored(text, 0)
      ? []
      : [`The pattern ${shown} matches anywhere in a name, so that others can choose a name that it matches; put it between ^ and $.`]),
    ...(hasLooseDot(text)
      ? [
          `In the pattern ${shown} a dot without \\ before it matches any character, so that it also matches look-alike names; write \\. for a dot.`,
        ]
      : []),
  ]
}

/** The pieces of a pattern: an escape, a quoted run, a class, or one character. */
const pieces = /\\Q[\s\S]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|[\s\S]/g
const piecesOf = (text: string): readonly string[] => text.match(pieces) ?? []

const hasLooseDot = (text: string): boolean => {
  const all = piecesOf(text)
  return all.some((piece, index) => piece === '.' && !/^[*+?{]/.test(all[index + 1] ?? ''))
}

/** With (?m), ^ and $ are those of a line. */
const lineAnchors = /\(\?[isU]*m/
const maxGroups = 20

/** Every alternative begins with the begin of the text and ends with its end. Not sure: false. */
const isAnchored = (text: string, depth: number): boolean => {
  if (depth > maxGroups) return false
  const flags = /^\(\?[isU]*(?:-[imsU]+)?\)/.exec(text)
  if (flags !== null) return isAnchored(text.slice(flags[0].length), depth + 1)
  const alternatives = alternativesOf(piecesOf(text))
  return alternatives.every(all => {
    const [first, last] = [all[0], all.at(-1)]
    if ((first === '^' || first === '\\A') && (last === '$' || last === '\\z')) return true
    const inner = groupOf(all)
    return inner !== undefined && isAnchored(inner, depth + 1)
  })
}

/** Split at the `|` that stand outside of groups. */
const alternativesOf = (all: readonly string[]): readonly (readonly string[])[] => {
  const alternatives: string[][] = [[]]
  let depth = 0
  for (const piece of all) {
    if (piece === '(') depth += 1
    else if (piece === ')') depth -= 1
    if (piece === '|' && depth === 0) alternatives.push([])
    else alternatives.at(-1)!.push(piece)
  }
  return alternatives
}

/** What stands in the group that is all of `all`. */
const groupOf = (all: readonly string[]): string | undefined => {
  if (all[0] !== '(' || all.at(-1) !== ')') return undefined
  let depth = 0
  for (const [index, piece] of all.entries()) {
    if (piece === '(') depth += 1
    else if (piece === ')') depth -= 1
    if (depth === 0 && index < all.length - 1) return undefined
  }
  const inner = all.slice(1, -1).join('')
  const opening = /^\?(?:P?<\w+>|[isU]*(?:-[imsU]+)?:)/.exec(inner)
  return opening === null ? inner : inner.slice(opening[0].length)
}
