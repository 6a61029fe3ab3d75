import { PreflightError } from '../../src/errors.ts'

/** Something that reads what comes from outside. */
export interface FuzzTarget {
  readonly name: string
  /** What is changed; each as it is gives `sound`. */
  readonly samples: readonly Buffer[]
  readonly sound: string
  /** What came of it, in a word: a pass, a fault or the code of an error. @throws Unjustified; anything else that it throws is a crash */
  run(input: Buffer): string
}

/** A pass that nothing of what was not changed justifies. */
export class Unjustified extends Error {
  override readonly name = 'Unjustified'
}

export const justified = (holds: boolean, what: string): void => {
  if (!holds) throw new Unjustified(what)
}

/** Errors with a code are answers. */
export const codeOr = (act: () => string): string => {
  try {
    return act()
  } catch (error) {
    if (error instanceof PreflightError) return error.code
    throw error
  }
}

/** As most programs would read it, or undefined. */
export const lenient = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}

/** A value within, or undefined. */
export const within = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[name] : undefined),
    value,
  )
export const decoded = (value: unknown): string => (typeof value === 'string' ? Buffer.from(value, 'base64').toString('hex') : 'none')
