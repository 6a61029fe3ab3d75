import { beyond } from './embedded-cluster/lint/beyond.ts'
import type { LintIssue } from './embedded-cluster/lint/issue.ts'
import { lintConfig } from './embedded-cluster/lint/lint-config.ts'
import { PreflightError } from './errors.ts'
import { defaults } from './settings/defaults.ts'
import type { Settings } from './settings.ts'
import { readLintFile } from './world/lint-file.ts'

export type { LintIssue } from './embedded-cluster/lint/issue.ts'

export interface LintedFile {
  readonly path: string
  /** Why Embedded Cluster's linter gives up on it. */
  readonly failure?: string
  /** Its own, then ours. */
  readonly errors: readonly LintIssue[]
  readonly warnings: readonly LintIssue[]
}

/** A file as Embedded Cluster's linter sees it, then what is ours. Nothing is thrown for what is wrong with the file. */
export const lintFile = async (
  path: string,
  { schema = defaults.schema, stage }: Pick<Settings, 'schema' | 'stage'>,
): Promise<LintedFile> => {
  const bytes = await readLintFile(path)
  if (typeof bytes === 'string') return { path, failure: bytes, errors: [], warnings: [] }
  const theirs = lintedOf(bytes)
  const ours = beyond({ file: path, bytes, fromFolder: false }, theirs, { schema, stage })
  if (typeof theirs === 'string') return { path, failure: theirs, ...ours }
  return { path, errors: [...theirs.errors, ...ours.errors], warnings: [...theirs.warnings, ...ours.warnings] }
}

const lintedOf = (bytes: Uint8Array): ReturnType<typeof lintConfig> => {
  try {
    return lintConfig(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    // go-yaml's reader, of bytes that are no UTF-8
    if (error instanceof TypeError) return 'YAML syntax error: yaml: invalid leading UTF-8 octet'
    if (error instanceof PreflightError) return error.message
    throw error
  }
}

const isTheirs = ({ source }: LintIssue): boolean => source === undefined

/** As Embedded Cluster judges it; `strict`: by what is ours too. */
export const isValid = ({ failure, errors }: LintedFile, strict: boolean): boolean =>
  failure === undefined && !errors.some(issue => strict || isTheirs(issue))
