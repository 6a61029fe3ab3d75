/** 1-based, as editors count. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface ConfigFact {
  readonly ok: true
}
