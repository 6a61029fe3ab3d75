import { asList, asName, asShape, asText, invalid, isShape, listOf, optional, type Shape } from './shape.ts'
import { type Severity, severityOf, type Vulnerability } from './vulnerability.ts'

/** SARIF 2.1.0 3.13: a log has its version and runs. */
export const isSarifResult = (result: Shape): boolean => typeof result.version === 'string' && Array.isArray(result.runs)

/** Names of vulnerabilities; grype puts the package's name behind them. */
const vulnerabilityId = /^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|[A-Z]{2,10}-\d{4}[-:]\d+)/

/**
 * What scanners write as SARIF: the vulnerability is the rule. Its severity is the rule's `security-severity`, a CVSS score, else
 * trivy's tag. The level (error, warning) is no severity. Results that a scanner marks as passed or not applicable are none.
 *
 * @throws PreflightError PREDICATE_INVALID
 */
export const readSarifResult = (result: Shape, place: string): readonly Vulnerability[] => {
  if (result.version !== '2.1.0') throw invalid(`${place}.version`, 'is not 2.1.0')
  return listOf(result.runs, `${place}.runs`, readRun).flat()
}

const readRun = (item: unknown, place: string): readonly Vulnerability[] => {
  const run = asShape(item, place)
  const driver = asShape(asShape(run.tool, `${place}.tool`).driver, `${place}.tool.driver`)
  const rules = listOf(driver.rules, `${place}.tool.driver.rules`, asShape)
  const byId = new Map(rules.map(rule => [rule.id, rule] as const))
  return (optional(run.results, `${place}.results`, asList) ?? []).flatMap((entry, index) => {
    const at = `${place}.results[${index}]`
    const found = asShape(entry, at)
    if (found.kind === 'pass' || found.kind === 'notApplicable') return []
    const indexed = typeof found.ruleIndex === 'number' && found.ruleIndex >= 0 ? rules[found.ruleIndex] : undefined
    const ruleId = asName(found.ruleId ?? indexed?.id, `${at}.ruleId`)
    const id = vulnerabilityId.exec(ruleId)?.[0] ?? ruleId
    const rule = byId.get(ruleId) ?? indexed
    const name = id === ruleId ? packageIn(found) : ruleId.slice(id.length).replace(/^-/, '')
    return [{ id, aliases: [], severity: ratingOf(rule, at), package: name }]
  })
}

/** trivy writes it into the message. */
const packageIn = ({ message }: Shape): string => {
  const text = isShape(message) && typeof message.text === 'string' ? message.text.slice(0, 1000) : ''
  const [, name = '', version = ''] = /^Package: (\S+)\r?\nInstalled Version: (\S+)/.exec(text) ?? []
  return name === '' ? '' : `${name}@${version}`
}

/** CVSS v3.1 5, "Qualitative Severity Rating Scale". */
const ratingOf = (rule: Shape | undefined, place: string): Severity => {
  if (!isShape(rule?.properties)) return 'unknown'
  const { 'security-severity': score, tags } = rule.properties
  const number = typeof score === 'number' ? score : Number(asText(score ?? '', `${place}: security-severity`) || Number.NaN)
  if (number > 10 || number < 0) throw invalid(`${place}: security-severity`, 'is not between 0 and 10')
  if (!Number.isNaN(number))
    return number >= 9 ? 'critical' : number >= 7 ? 'high' : number >= 4 ? 'medium' : number > 0 ? 'low' : 'negligible'
  const rated = (Array.isArray(tags) ? tags : []).map(tag => severityOf(typeof tag === 'string' ? tag : undefined))
  return rated.find(severity => severity !== 'unknown') ?? 'unknown'
}
