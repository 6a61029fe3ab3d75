import type { Plugin } from '../facts/fact.ts'
import type { Finding } from '../outcome.ts'
import { publicKeyFromPem } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import type { JudgedImage } from '../trust/judge-image.ts'
import { requirePinned } from '../trust/pinned.ts'
import { type Trust, trustOf } from '../trust/trust.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement, reason } from './analyzer.ts'
import { gapsOf, type SignatureCase, type SignedImage } from './signature/case.ts'
import { caseOf, untrustedCase } from './signature/cases.ts'
import { signatureCheck } from './signature/check.ts'
import { decide, holds, isVerified, type PolicyOutcome } from './signature/decide.ts'
import { countSignatures, shortfalls } from './signature/findings.ts'
import {
  heldFinding,
  noPolicyFinding,
  policyWords,
  riskFindings,
  skippedFindings,
  unknownImageFinding,
  violatedFindings,
} from './signature/policy-findings.ts'
import { candidateRow, imageRows, placeRow, policyRow } from './signature/rows.ts'
import { signedImageOf } from './signature/signed-image.ts'

/** Whether the image is signed by whom the user's policies trust. Any one signature suffices for a policy, wherever it is kept. */
export const signature: Analyzer<'signature'> = {
  ...signatureCheck,
  analyze(input) {
    for (const { name, pem } of input.policy.keys) publicKeyFromPem(pem, name)
    const trust = trustOf(input.policy, input.at)
    return input.plugins.map(plugin => judge(input, plugin, trust))
  },
}

const judge = (input: AnalyzeInput, plugin: Plugin, trust: Trust): Judgement => {
  const fact = factsOf(input, 'signature', plugin)[0]!
  if (!fact.ok) {
    const message = `${printable(plugin.plugin)}: its signatures could not be looked for: ${reason(fact)}`
    return {
      plugin: plugin.plugin,
      findings: [{ status: 'fail', code: 'SIGNATURE_UNREACHABLE', message }],
      values: { verified: false, signatures: 0, unreachable: 1 },
    }
  }
  requirePinned(fact, plugin.image, input.blob)
  const signed = signedImageOf(plugin.plugin, fact, input.platforms)
  const image = trust.image(fact, input.blob)
  const decided = trust.policies.length === 0 ? undefined : decide(trust.policies, plugin.image, signed, image)
  if (decided?.state === 'decided') return judgePolicies(input, plugin, signed, image, decided.outcomes, decided.others)
  const untrusted = untrustedCase(input, signed, image, trust)
  const findings =
    decided === undefined
      ? shortfalls(untrusted)
      : [decided.state === 'noPolicy' ? noPolicyFinding(signed, decided.others, untrusted.status) : unknownImageFinding(signed)]
  const evidence = [
    ...imageRows(signed),
    ...(untrusted.rootNote === '' ? [] : [untrusted.rootNote]),
    ...untrusted.candidates.map(candidateRow),
    ...signed.places.map(placeRow),
  ]
  return judgement(plugin, findings, evidence, [untrusted], false)
}

const judgement = (
  plugin: Plugin,
  findings: readonly Finding[],
  evidence: readonly string[],
  cases: readonly SignatureCase[],
  verified: boolean,
): Judgement => {
  const rank = { fail: 0, warn: 1, pass: 2 } as const
  const [first, ...more] = findings.toSorted((a, b) => rank[a.status] - rank[b.status])
  return {
    plugin: plugin.plugin,
    findings: first === undefined ? [] : [{ ...first, evidence }, ...more],
    values: {
      verified,
      signatures: Math.max(0, ...cases.map(countSignatures)),
      unreachable: Math.max(0, ...cases.map(one => gapsOf(one).length)),
    },
  }
}

const judgePolicies = (
  input: AnalyzeInput,
  plugin: Plugin,
  signed: SignedImage,
  image: JudgedImage,
  outcomes: readonly PolicyOutcome[],
  others: readonly string[],
): Judgement => {
  const { requireSignatures } = input.policy
  const isAnyVerified = outcomes.some(isVerified)
  const cases = outcomes.map(outcome => ({ outcome, found: caseOf(input, signed, image, outcome, requireSignatures && !isAnyVerified) }))
  const whereOf = (outcome: PolicyOutcome) => {
    const candidates = cases.find(one => one.outcome === outcome)?.found.candidates ?? []
    const verified = candidates.find(
      one =>
        one.subject === signed.digest && ((one.state === 'judged' && one.verdict.verified) || (one.state === 'notation' && one.verified)),
    )
    return isAttested(outcome) ? undefined : verified?.where
  }
  const held = heldFinding(outcomes, signed, whereOf)
  const findings = [
    ...cases.flatMap(({ outcome, found }) => (holds(outcome) ? [] : violatedFindings(outcome, found))),
    ...skippedFindings(outcomes, signed, requireSignatures),
    ...riskFindings(outcomes, signed),
    ...(held === undefined ? [] : [held]),
  ]
  const notes = [...new Set(cases.map(({ found }) => found.rootNote))].filter(note => note !== '')
  const rows = cases.flatMap(({ outcome, found }) => {
    const of = cases.length === 1 ? '' : `for ${policyWords(outcome.policy)}: `
    return found.candidates.map(candidate => `${of}${candidateRow(candidate)}`)
  })
  const evidence = [
    ...imageRows(signed),
    ...outcomes.map(policyRow),
    ...(others.length === 0 ? [] : [`about other images: ${others.map(name => printable(name, 80)).join(', ')}`]),
    ...notes,
    ...rows,
    ...signed.places.map(placeRow),
  ]
  return judgement(
    plugin,
    findings,
    evidence,
    cases.map(({ found }) => found),
    isAnyVerified && outcomes.every(holds),
  )
}

const isAttested = ({ policy, ofRoot: { authority } }: PolicyOutcome): boolean =>
  policy.kind === 'sigstore' &&
  policy.authorities.some(one => one.name === authority && one.kind !== 'static' && one.attestations.length > 0)
