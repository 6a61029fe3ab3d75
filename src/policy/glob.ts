import type { Digest } from '../digest.ts'
import { ggcrName, ggcrRepository } from './ggcr-name.ts'

/** A pattern of image names as policy-controller reads it (pkg/apis/glob at f925c0c1). */
export interface ImageGlob {
  /** As written. */
  readonly text: string
  /**
   * Undefined for an image that policy-controller does not understand, so that nobody knows.
   *
   * @param digest what the image's tag points at. Before policies are compared, policy-controller has put it in the place of the tag
   * (pkg/webhook/validator.go refOrFieldError at f925c0c1), so that a glob for digests speaks of images that are written with tags;
   * one for tags never matches there, and does here.
   */
  matches(image: string, digest: Digest): boolean | undefined
  /** Whether it matches, or would with some digest; also where nobody knows. */
  mayMatch(image: string): boolean
}

/** Far more than any image name has. */
const maxGlobLength = 1024
const allowed = /^[a-zA-Z0-9\-_:/*.@]+$/

/** The whole of one character; `*`: any number of all but `/`; `**`: any number of any. */
type Token = { readonly one: string } | { readonly star: 'name' | 'all' }

/**
 * @returns what is wrong with it, in a few words, when it is no glob
 */
export const compileGlob = (text: string): ImageGlob | { readonly fault: string } => {
  if (text.length > maxGlobLength) return { fault: `it has more than ${maxGlobLength} characters` }
  if (!allowed.test(text)) return { fault: 'a glob has letters, digits and - _ : / * . @ alone' }
  const tokens = tokensOf(fullGlob(text))
  return {
    text,
    matches: (image, digest) => {
      const name = ggcrName(image)
      if (name === undefined) return undefined
      // What is not fully qualified is tried as it was written, too.
      return [name, image, `${ggcrRepository(name)}@${digest}`].some(text => reach(tokens, text).has(tokens.length))
    },
    mayMatch: image => {
      const name = ggcrName(image)
      if (name === undefined) return true
      return [name, image].some(text => reach(tokens, text).has(tokens.length)) || reach(tokens, `${ggcrRepository(name)}@sha256:`).size > 0
    },
  }
}

const fullGlob = (text: string): string => {
  if (text === '*') return 'index.docker.io/library/*'
  return text === '*/*' ? 'index.docker.io/*/*' : text
}

const tokensOf = (glob: string): readonly Token[] =>
  (glob.match(/\*\*|\*|[^*]/g) ?? []).map(part => (part === '**' ? { star: 'all' } : part === '*' ? { star: 'name' } : { one: part }))

/** The states that are reached at the end of the text: never more work than the length of the one times the other. */
const reach = (tokens: readonly Token[], text: string): ReadonlySet<number> => {
  let reached = closure(tokens, new Set([0]))
  for (const character of text) {
    const next = new Set<number>()
    for (const state of reached) {
      const token = tokens[state]
      if (token === undefined) continue
      if ('one' in token) {
        if (token.one === character) next.add(state + 1)
      } else if (token.star === 'all' || character !== '/') next.add(state)
    }
    if (next.size === 0) return next
    reached = closure(tokens, next)
  }
  return reached
}

/** A star may stand for nothing. */
const closure = (tokens: readonly Token[], states: ReadonlySet<number>): ReadonlySet<number> => {
  const all = new Set(states)
  for (const state of all) {
    const token = tokens[state]
    if (token !== undefined && 'star' in token) all.add(state + 1)
  }
  return all
}
