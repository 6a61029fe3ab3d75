import type { Status } from '../outcome.ts'
import { type Severity, severities, type Vulnerability } from '../predicates/vulnerability.ts'
import { printable } from '../redact.ts'
import type { VulnerabilityLimits } from './vulnerability-limits.ts'

export interface VulnerabilityVerdict {
  /** `warn`: nothing above a limit, but some that nobody has rated and that may belong above it. */
  readonly status: Status
  readonly counts: Readonly<Record<Severity, number>>
  /** Each severity that has more than its limit. */
  readonly exceeded: readonly { readonly severity: Severity; readonly count: number; readonly limit: number }[]
  /** As in `2 critical, 1 low`; `none`. */
  readonly found: string
  /** A line for each vulnerability above its limit, at most 20. */
  readonly evidence: readonly string[]
}

const maxEvidence = 20

/** @param vulnerabilities as they remain after VEX */
export const judgeVulnerabilities = (vulnerabilities: readonly Vulnerability[], limits: VulnerabilityLimits): VulnerabilityVerdict => {
  const counts = Object.fromEntries(severities.map(severity => [severity, 0])) as Record<Severity, number>
  for (const { severity } of vulnerabilities) counts[severity] += 1
  const exceeded = severities.flatMap(severity => {
    const limit = limits.get(severity)
    return limit !== undefined && counts[severity] > limit ? [{ severity, count: counts[severity], limit }] : []
  })
  const tooMany = vulnerabilities.filter(({ severity }) => exceeded.some(limit => limit.severity === severity))
  const unrated = counts.unknown > 0 && !limits.has('unknown') && limits.size > 0
  return {
    status: exceeded.length > 0 ? 'fail' : unrated ? 'warn' : 'pass',
    counts,
    exceeded,
    found: severities.flatMap(severity => (counts[severity] === 0 ? [] : [`${counts[severity]} ${severity}`])).join(', ') || 'none',
    evidence: worstLines(tooMany),
  }
}

/** A line for each, the worst first, at most 20. */
export const worstLines = (vulnerabilities: readonly Vulnerability[]): readonly string[] => {
  const worst = vulnerabilities.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  return [
    ...worst.slice(0, maxEvidence).map(showVulnerability),
    ...(worst.length > maxEvidence ? [`and ${worst.length - maxEvidence} more`] : []),
  ]
}

export const showVulnerability = ({ id, severity, package: name, fixedIn }: Vulnerability): string =>
  `${printable(id, 60)} (${severity})${name === '' ? '' : ` in ${printable(name, 120)}`}${fixedIn === undefined ? '' : `, fixed in ${printable(fixedIn, 60)}`}`

/** Clocks differ; a report from further in the future is not believed. */
const clockSkewMs = 5 * 60_000

/**
 * `unknown`: the report does not say when the scan ended; `future`: it ended after `now`. Neither says that it is recent.
 */
export const ageOfReport = (
  finishedAt: Date | undefined,
  now: Date,
  maxAgeMs: number,
): { readonly age: 'recent' | 'old' | 'unknown' | 'future'; readonly words: string } => {
  if (finishedAt === undefined) return { age: 'unknown', words: 'it does not say when the scan ended' }
  const age = now.getTime() - finishedAt.getTime()
  const day = `${finishedAt.toISOString().slice(0, 10)}`
  if (age < -clockSkewMs) return { age: 'future', words: `its scan ended on ${day}, which is in the future` }
  return { age: age > maxAgeMs ? 'old' : 'recent', words: `its scan ended on ${day}, ${showAge(age)} ago` }
}

const showAge = (ageMs: number): string => {
  const hours = Math.max(0, Math.floor(ageMs / 3_600_000))
  return hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.floor(hours / 24)} days`
}
