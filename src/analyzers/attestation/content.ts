import { PreflightError } from '../../errors.ts'
import { type ExpectedProvenance, matchProvenance } from '../../predicates/match-provenance.ts'
import { readOpenVex } from '../../predicates/open-vex.ts'
import { matchPredicateType } from '../../predicates/predicate-types.ts'
import { readProvenance } from '../../predicates/provenance.ts'
import { readSbom } from '../../predicates/sbom.ts'
import { readVulnerabilityReport } from '../../predicates/vulnerability-report.ts'
import { printable } from '../../redact.ts'
import type { Statement } from '../../signatures/dsse.ts'

/** What a verified attestation says, in words, and why that is not what it should be. */
export interface Content {
  readonly words?: string
  readonly fault?: string
  /** It can be read, and says something else than expected. */
  readonly differs?: true
}

/** Of a type that is not known here, nothing is looked at beyond that it is verified. */
export const contentOf = ({ predicateType, predicate }: Statement, expected: ExpectedProvenance | undefined): Content => {
  const is = (type: string) => matchPredicateType(type, predicateType) !== undefined
  try {
    if (is('slsaprovenance') || is('slsaprovenance1')) return provenanceContent(predicateType, predicate, expected)
    if (is('spdx') || is('cyclonedx')) return sbomContent(predicate, is('spdx') ? 'SPDX' : 'CycloneDX')
    if (is('openvex')) {
      const { statements, author } = readOpenVex(predicate)
      return { words: `${counted(statements.length, 'statement')} of VEX by ${printable(author, 80)}` }
    }
    return is('vuln') ? { words: reportWords(predicate) } : {}
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'PREDICATE_INVALID') return { fault: error.message }
    throw error
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const provenanceContent = (type: string, predicate: unknown, expected: ExpectedProvenance = {}): Content => {
  const provenance = readProvenance(type, predicate)
  const { builderId, source } = provenance
  const ref = source?.ref === undefined ? '' : ` at ${printable(source.ref, 120)}`
  const from = source === undefined ? 'a source that it does not name' : `${printable(source.repository)}${ref}`
  const words = `built by ${printable(builderId)} from ${from}`
  const [first, ...more] = matchProvenance(provenance, expected).map(
    ({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`,
  )
  return first === undefined ? { words } : { words, fault: [first, ...more].join('; '), differs: true }
}

const sbomContent = (predicate: unknown, wanted: 'SPDX' | 'CycloneDX'): Content => {
  const { format, version, components } = readSbom(predicate)
  const words = `${format} ${printable(version, 40)} with ${counted(components, 'component')}`
  return format === wanted ? { words } : { words, fault: `the SBOM is ${format}, and its type says ${wanted}` }
}

/** The report of a scanner that is not known here is one all the same. */
const reportWords = (predicate: unknown): string => {
  try {
    const { scanner, vulnerabilities, finishedAt } = readVulnerabilityReport(predicate)
    const day = finishedAt === undefined ? '' : ` on ${finishedAt.toISOString().slice(0, 10)}`
    return `${printable(scanner)} found ${vulnerabilities.length === 1 ? '1 vulnerability' : `${vulnerabilities.length} vulnerabilities`}${day}`
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'PREDICATE_INVALID') return `not read here: ${error.message}`
    throw error
  }
}
