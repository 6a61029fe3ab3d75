import type { Digest } from '../digest.ts'
import type { Plugin } from '../facts/fact.ts'
import type { Finding } from '../outcome.ts'
import { askingPolicies } from '../policy/attestation-rule.ts'
import { printable } from '../redact.ts'
import { requiredImages } from '../trust/cover.ts'
import { requirePinned } from '../trust/pinned.ts'
import { attestersOf, type JudgedStatement, statementsOf } from '../trust/statements.ts'
import { type Trust, trustOf } from '../trust/trust.ts'
import { byWhom, failedStep } from '../trust/verdict-words.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement, reason } from './analyzer.ts'
import { attestationCheck } from './attestation/check.ts'
import { contentOf } from './attestation/content.ts'
import { type AttestationCase, requirementFinding } from './attestation/findings.ts'
import { policyFinding } from './attestation/policy-findings.ts'
import { type Requirement, requirementsOf } from './attestation/requirements.ts'

/** Whether the attestations that are required hang on the image, by somebody who is trusted. */
export const attestation: Analyzer<'attestation'> = {
  ...attestationCheck,
  analyze(input) {
    const requirements = input.policy.attestations === undefined ? [] : requirementsOf(input.policy.attestations)
    const trust = trustOf(input.policy, input.at)
    return input.plugins.map(plugin => judge(input, plugin, requirements, trust))
  },
}

const judge = (input: AnalyzeInput, plugin: Plugin, requirements: readonly Requirement[], trust: Trust): Judgement => {
  const name = printable(plugin.plugin)
  const fact = factsOf(input, 'signature', plugin)[0]!
  if (!fact.ok) {
    const message = `${name}: its attestations could not be looked for: ${reason(fact)}`
    return {
      plugin: plugin.plugin,
      findings: [{ status: 'fail', code: 'ATTESTATION_UNREACHABLE', message }],
      values: { verified: false, required: requirements.length, missing: requirements.length, attestations: 0 },
    }
  }
  const needed = requiredImages(fact, input.platforms)
  const blob = (digest: Digest) => input.blob(digest)
  requirePinned(fact, plugin.image, blob)
  const pinned = { image: plugin.image, digest: fact.digest }
  const attesters = attestersOf(trust, pinned)
  const judged = trust.image(fact, blob)
  const found: AttestationCase = {
    plugin: name,
    image: plugin.image,
    repository: fact.repository,
    digest: fact.digest,
    required: needed,
    ...statementsOf({ fact, judged, attesters, required: needed, blob }),
  }
  const policies = askingPolicies(trust.policies, pinned)
  const findings = [
    ...requirements.map(wanted => requirementFinding(found, wanted)),
    ...policies.map(policy => policyFinding(found, policy, judged)),
  ]
  const missing = findings.filter(({ status }) => status !== 'pass').length
  return {
    plugin: plugin.plugin,
    findings: withEvidence(missing === 0 ? [joined(name, findings)] : worstFirst(findings), rowsOf(found)),
    values: { verified: missing === 0, required: findings.length, missing, attestations: found.judged.length },
  }
}

/** All that is required is there: one finding says so of each. */
const joined = (name: string, findings: readonly Finding[]): Finding => {
  if (findings.length === 0)
    return { status: 'pass', code: 'ATTESTATION_NOT_REQUIRED', message: `${name}: nothing requires an attestation of this image.` }
  const [first, ...more] = findings.map(({ message }) => message)
  return { status: 'pass', code: 'ATTESTATION_VERIFIED', message: [first, ...more.map(text => text.slice(name.length + 2))].join(' ') }
}

const worstFirst = (findings: readonly Finding[]): readonly Finding[] => findings.toSorted((a, b) => rank[a.status] - rank[b.status])
const rank = { fail: 0, warn: 1, pass: 2 } as const

const withEvidence = ([first, ...more]: readonly Finding[], evidence: readonly string[]): readonly Finding[] =>
  first === undefined ? [] : [{ ...first, evidence }, ...more]

/** Everything that was found, required or not. */
const rowsOf = ({ repository, digest, required, judged, seen, unreadable, gaps }: AttestationCase): readonly string[] => [
  `${required.length === 0 ? 'image' : 'index'}: ${repository}@${digest}`,
  ...required.map(image => `image for ${image.platform}: ${image.digest ?? image.gap ?? 'none'}`),
  ...judged.map(statementRow),
  ...unreadable.map(({ where, code, why }) => `${where}: could not be read (${code}): ${why}`),
  ...seen.map(({ where, what }) => `${where}: ${what}: does not count as an attestation`),
  ...gaps,
]

const statementRow = ({ where, verdict, predicateType, statement }: JudgedStatement): string => {
  const what = `${where}: an attestation ${printable(predicateType ?? 'of an unknown type')} ${byWhom(verdict)}`
  if (statement === undefined) return `${what}: does not count; ${failedStep(verdict)}`
  const { words } = contentOf(statement, undefined)
  return `${what}: verified${words === undefined ? '' : `; ${words}`}`
}
