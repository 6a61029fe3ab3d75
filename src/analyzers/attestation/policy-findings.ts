import type { Finding } from '../../outcome.ts'
import { evaluatePolicies, type PolicyVerdict } from '../../policy/evaluate.ts'
import type { SigstorePolicy } from '../../policy/image-policy.ts'
import { printable } from '../../redact.ts'
import { coverOf } from '../../trust/cover.ts'
import type { JudgedImage } from '../../trust/judge-image.ts'
import { listed } from '../../trust/verdict-words.ts'
import type { AttestationCase } from './findings.ts'

/** What a policy that asks for attestations makes of the image: of its index, else of each image in it that is needed. */
export const policyFinding = (found: AttestationCase, policy: SigstorePolicy, judged: JudgedImage): Finding => {
  const subjects = [found.digest, ...found.required.flatMap(({ digest }) => digest ?? [])]
  const decided = subjects.map(subject => ({
    subject,
    verdict: evaluatePolicies([policy], found, judged.findings(subject)).verdicts[0],
  }))
  const named = `the policy "${printable(policy.name, 80)}" (${printable(policy.from)})`
  const of = `the image ${printable(found.image)}`
  const held = decided.filter(({ verdict }) => verdict?.held === true)
  const cover = coverOf(found.digest, found.required, held)
  if (cover.kind === 'root' || cover.kind === 'images') {
    const words =
      cover.kind === 'root' ? foundIn(cover.by.verdict) : listed(cover.by.map(one => `${one.platform} ${foundIn(one.with.verdict)}`))
    return { status: 'pass', code: 'ATTESTATION_VERIFIED', message: `${found.plugin}: ${of} has what ${named} asks for: ${words}.` }
  }
  const root = decided[0]?.verdict
  if (root === undefined) {
    const message = `${found.plugin}: nobody knows whether ${named} speaks of ${of}: its patterns are not for such a reference.`
    return { status: 'fail', code: 'ATTESTATION_POLICY_UNMET', message }
  }
  const without =
    cover.kind === 'some' ? ` It is there for ${listed(cover.by.map(({ platform }) => platform))} only, and not on the index.` : ''
  const gaps = decided.flatMap(({ verdict }) => verdict?.gaps ?? [])
  const unseen = gaps.length === 0 ? '' : ` Not everything could be looked at: ${gaps.slice(0, 2).join('; ')}.`
  return {
    status: root.status,
    code: 'ATTESTATION_POLICY_UNMET',
    message: `${found.plugin}: ${of} lacks what ${named} asks for: expected ${root.expected}; found ${root.found}.${without}${unseen} Attest it (cosign attest --type TYPE --predicate FILE ${found.repository}@${found.digest}), or copy its attestations from where it was attested: oras copy -r SOURCE TARGET brings bundles, cosign copy SOURCE TARGET brings tags.`,
  }
}

const foundIn = (verdict: PolicyVerdict | undefined): string => verdict?.found ?? ''
