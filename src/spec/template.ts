import type { WhenValues } from '../when.ts'

const field = /\{\{-?\s*(.*?)\s*-?\}\}/g

/** The first `{{ … }}` of a message that is no known field: nothing else of Go's templates is understood. */
export const unknownField = (message: string, known: readonly string[]): string | undefined =>
  [...message.matchAll(field)].find(([, inside = '']) => !inside.startsWith('.') || !known.includes(inside.slice(1)))?.[0]

/** `{{ .plugin }}` and the like filled in. */
export const fillTemplate = (message: string, values: WhenValues): string =>
  message.replace(field, (_, inside: string) => String(values[inside.slice(1)] ?? ''))
