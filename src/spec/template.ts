import type { WhenValues } from '../when.ts'

/** No brace inside, so that no message takes more than linear time. */
const field = /\{\{([^{}]*)\}\}/g

/** `.plugin` of `{{- .plugin -}}`. */
const inside = (text: string): string => text.replace(/^-/, '').replace(/-$/, '').trim()

/** The first `{{ … }}` of a message that is no known field, or is not closed: nothing else of Go's templates is understood. */
export const unknownField = (message: string, known: readonly string[]): string | undefined => {
  const strange = [...message.matchAll(field)].find(
    ([, text = '']) => !inside(text).startsWith('.') || !known.includes(inside(text).slice(1)),
  )
  return strange?.[0] ?? /\{\{.{0,40}|\}\}/s.exec(message.replace(field, ''))?.[0]
}

/** `{{ .plugin }}` and the like filled in. */
export const fillTemplate = (message: string, values: WhenValues): string =>
  message.replace(field, (_, text: string) => String(values[inside(text).slice(1)] ?? ''))
