import type { Report } from './outcome.ts'
import type { ReportFormat } from './reporters/formats.ts'
import { html } from './reporters/html.ts'
import { human } from './reporters/human.ts'
import { json } from './reporters/json.ts'
import { junit } from './reporters/junit.ts'
import { markdown } from './reporters/markdown.ts'
import type { Reporter } from './reporters/reporter.ts'
import { sarif } from './reporters/sarif.ts'
import { troubleshoot } from './reporters/troubleshoot.ts'
import { yaml } from './reporters/yaml.ts'

export const reporters = { human, json, yaml, junit, sarif, markdown, html, troubleshoot } as const satisfies Record<ReportFormat, Reporter>

/** Ends with 1 when the run was ended early, 3 when anything failed, 4 when something warned that was not accepted, else 0 (design.md 4). */
export const exitCodeOf = ({ results, error }: Report): 0 | 1 | 3 | 4 => {
  if (error !== undefined) return 1
  if (results.some(({ status }) => status === 'fail')) return 3
  return results.some(({ status, accepted }) => status === 'warn' && accepted !== true) ? 4 : 0
}
