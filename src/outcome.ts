import type { Position } from './position.ts'

export type Status = 'pass' | 'warn' | 'fail'

/** Worst last. */
export const statuses = ['pass', 'warn', 'fail'] as const satisfies readonly Status[]

export const worst = (all: readonly Status[]): Status => (all.includes('fail') ? 'fail' : all.includes('warn') ? 'warn' : 'pass')

/** One thing that an analyzer found. Its message names the plugin, what was found, what was expected and what to do. */
export interface Finding {
  readonly status: Status
  /** Stable, upper case: `IMAGE_NOT_FOUND`; every code stands in docs/errors.md. */
  readonly code: string
  readonly message: string
  /** Facts that the message rests on, a line each. */
  readonly evidence?: readonly string[]
  /** What it is about, in a file that the user gave. */
  readonly position?: Position
  /** Set by `--accept`: a warn that the user knows and takes; it no longer counts in the exit code. */
  readonly accepted?: true
}

/** One result: what a check says of a plugin, or of the whole Config where `plugin` is absent. */
export interface Result {
  readonly title: string
  readonly message: string
  readonly uri?: string
  readonly strict?: boolean
  readonly check: string
  readonly plugin?: string
  readonly code: string
  readonly status: Status
  readonly findings: readonly Finding[]
  /** Every warn of it was taken with `--accept`. */
  readonly accepted?: true
}

/** A check that a run did not make, and why: never a silent pass. */
export interface NotChecked {
  readonly check: string
  readonly plugin?: string
  readonly why: string
}

/** Why a run could not go on; reported in its place with what was found until then. */
export interface RunError {
  readonly code: string
  readonly message: string
  readonly hint?: string
}

/** What is wrong and what to do, in one text: a place that is shown with its line and caret stays above the rest. */
export const withHint = ({ message, hint }: Pick<RunError, 'message' | 'hint'>): string => {
  if (hint === undefined) return message
  return message.includes('\n') ? `${message}\n${hint}` : `${/[.!?…]$/.test(message) ? message : `${message}.`} ${hint}`
}

export interface Report {
  readonly results: readonly Result[]
  readonly notChecked: readonly NotChecked[]
  readonly error?: RunError
}

/** What an analyzer says of a code: the row of docs/errors.md. */
export interface CodeDoc {
  readonly status: Status
  /** When this finding is given, one sentence. */
  readonly meaning: string
  /** What the user does about it, one sentence; absent for a pass. */
  readonly remedy?: string
}
