import { type AttestationRule, parseAttestationType, parseSourceUri, type VulnerabilityRule } from '../policy/attestation-rule.ts'
import { parseReportAge, parseVulnerabilityLimits } from '../policy/vulnerability-limits.ts'
import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface AttestationSettings {
  /** Undefined: no flag requires one. */
  readonly attestations: AttestationRule | undefined
  /** Undefined: no limit was given. */
  readonly vulnerabilities: VulnerabilityRule | undefined
}

/** @throws PreflightError USAGE */
export const attestationsOf = (flags: Flags): AttestationSettings => ({
  attestations: ruleOf(flags),
  vulnerabilities: limitsOf(flags),
})

const ruleOf = ({ requireAttestation = [], builderId, sourceUri }: Flags): AttestationRule | undefined => {
  const types = requireAttestation.map(parseAttestationType)
  if (builderId === '') throw usage('--builder-id is empty.')
  if (builderId === undefined && sourceUri === undefined) return types.length === 0 ? undefined : { types }
  const provenance = {
    ...(builderId === undefined ? {} : { builderId }),
    ...(sourceUri === undefined ? {} : { sourceRepository: parseSourceUri(sourceUri) }),
  }
  return { types, provenance }
}

const limitsOf = ({ maxVulnerabilities, maxReportAge, scanner }: Flags): VulnerabilityRule | undefined => {
  if (maxVulnerabilities === undefined) {
    if (maxReportAge !== undefined && scanner === undefined)
      throw usage('--max-report-age needs --max-vulnerabilities: without a limit no report is looked at.')
    return maxReportAge === undefined ? undefined : { limits: new Map(), maxReportAgeMs: parseReportAge(maxReportAge) }
  }
  const age = maxReportAge === undefined ? {} : { maxReportAgeMs: parseReportAge(maxReportAge) }
  return { limits: parseVulnerabilityLimits(maxVulnerabilities), ...age }
}
