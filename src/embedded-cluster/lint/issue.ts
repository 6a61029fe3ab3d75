/** What a linter says of a field: as Embedded Cluster's writes it in JSON; what is ours says so. */
export interface LintIssue {
  /** Without `spec.`; empty: of the file. */
  readonly field: string
  readonly message: string
  /** Absent: Embedded Cluster's own linter says it. */
  readonly source?: 'velero-plugin-preflight'
  /** Of ours. */
  readonly code?: string
}
