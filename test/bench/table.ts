/** What one line of the benchmark shows. */
export interface Row {
  /** What is compared, in a few words. */
  readonly what: string
  readonly measured: readonly Measured[]
  /** Absent where nothing is asked. */
  readonly ratio?: Ratio
  /** Why it was not measured. */
  readonly skipped?: string
}

export interface Measured {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 'MB' | '%' | 'MB/s' | 'bytes'
}

/** A number that has to be at least or at most another. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly atLeast?: number
  readonly atMost?: number
}

export const skipped = (what: string, why: string): Row => ({ what, measured: [], skipped: why })

export const holds = ({ value, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Ratio): boolean =>
  value >= atLeast && value <= atMost

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2))

const ratioText = ({ name, value, atLeast, atMost }: Ratio): string =>
  `${number(value)} ${name} (${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`})`

const cells = ({ what, measured, ratio, skipped: why }: Row): readonly string[] => [
  what,
  why === undefined ? measured.map(({ name, value, unit }) => `${name} ${number(value)} ${unit}`).join(', ') : `skipped: ${why}`,
  ratio === undefined ? '' : ratioText(ratio),
  ratio === undefined ? '' : holds(ratio) ? 'yes' : 'NO',
]

/** A Markdown table, so that it can go into the documentation as it is. */
export const table = (rows: readonly Row[]): string => {
  const lines = [['what', 'measured (medians)', 'ratio (required)', 'holds'], ...rows.map(cells)]
  const widths = [0, 1, 2, 3].map(column => Math.max(...lines.map(line => line[column]!.length)))
  const text = (line: readonly string[]) => `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...body] = lines.map(text)
  return `${[head, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n')}\n`
}

/** The same for programs. */
export const document = (rows: readonly Row[], about: object): object => ({
  ...about,
  rows: rows.map(row => ({ ...row, ...(row.ratio === undefined ? {} : { holds: holds(row.ratio) }) })),
})
