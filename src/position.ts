/** A place in a file. 1-based, as editors count; `file` is `-` for standard input. */
export interface Position {
  readonly file: string
  readonly line: number
  /** In UTF-16 units. */
  readonly column: number
}

/** `file:line:column`, as editors and CI logs make a link of it. */
export const showPosition = ({ file, line, column }: Position): string => `${file}:${line}:${column}`
