import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Of each contender of a row. */
  readonly runs: number
  /** Of the ten images and of the large layer: 1 is what the rows ask for. */
  readonly scale: number
  /** One way; twice this is a round trip. */
  readonly delayMs: number
  /** Rows by the start of their names; empty: all. */
  readonly only: readonly string[]
  /** Where the JSON goes; default: behind the table. */
  readonly json: string | undefined
}

/** @throws Error for what is not known, or no number */
export const parseOptions = (argv: readonly string[]): BenchOptions => {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      'round-trip': { type: 'string', default: '50' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
    },
  })
  const positive = (flag: string, text: string): number => {
    const value = Number(text)
    if (Number.isFinite(value) && value > 0) return value
    throw new Error(`--${flag} ${text}: it is a number above 0`)
  }
  return {
    runs: Math.ceil(positive('runs', values.runs)),
    scale: positive('scale', values.scale),
    delayMs: positive('round-trip', values['round-trip']) / 2,
    only: values.only.flatMap(value => value.split(',')),
    json: values.json,
  }
}
