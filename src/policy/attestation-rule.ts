import { PreflightError } from '../errors.ts'
import type { ExpectedProvenance } from '../predicates/match-provenance.ts'
import { predicateShortNames, signaturePredicateType } from '../predicates/predicate-types.ts'
import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import { matchesImage, mayMatchImage, type PinnedImage } from './evaluate.ts'
import type { ImagePolicy, SigstorePolicy } from './image-policy.ts'
import type { SignaturePolicy } from './policy.ts'
import type { VulnerabilityLimits } from './vulnerability-limits.ts'

/** What must be attested, as the flags say; what policies ask for stands in them. */
export interface AttestationRule {
  /** `--require-attestation`: as written, a short name of cosign's or in full. */
  readonly types: readonly string[]
  /** `--builder-id`, `--source-uri`: absent when neither was given. With either, a provenance is required. */
  readonly provenance?: ExpectedProvenance
}

/** What may be found in an image (`--max-vulnerabilities`, `--max-report-age`). */
export interface VulnerabilityRule {
  /** Empty: none was given. */
  readonly limits: VulnerabilityLimits
  /** Absent: a report may have any age. */
  readonly maxReportAgeMs?: number
}

/** Whether a policy that speaks of any of these images asks for attestations. */
export const wantsAttestations = ({ policies = [] }: Pick<SignaturePolicy, 'policies'>, images: readonly string[]): boolean =>
  policies.some(policy => asksForAttestations(policy) && images.some(image => mayMatchImage(policy, image)))

/** Policies that ask for attestations, and speak of the image or may do so. */
export const askingPolicies = (policies: readonly ImagePolicy[], image: PinnedImage): readonly SigstorePolicy[] =>
  policies.filter(asksForAttestations).filter(policy => matchesImage(policy, image) !== false)

const asksForAttestations = (policy: ImagePolicy): policy is SigstorePolicy =>
  policy.kind === 'sigstore' && policy.authorities.some(authority => authority.kind !== 'static' && authority.attestations.length > 0)

/** As cosign's `--type` takes it. @throws PreflightError USAGE */
export const parseAttestationType = (text: string): string => {
  const usage = (problem: string, hint: string) =>
    new PreflightError('USAGE', `--require-attestation ${printable(text, 80)}: ${problem}.`, { hint })
  if (text === signaturePredicateType) throw usage('it is the type of a signature, not of an attestation', 'Use --require-signatures.')
  const known = Object.keys(predicateShortNames)
  if (known.includes(text) || /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text)) return text
  const meant = suggest(text, known)
  throw usage(
    'it is neither a URI nor a short name of cosign',
    meant === undefined ? `The short names are ${known.join(', ')}.` : `Did you mean ${meant}?`,
  )
}

/** `github.com/acme/plugin` as slsa-verifier writes it, or with its scheme. @throws PreflightError USAGE */
export const parseSourceUri = (text: string): string => {
  const uri = /^(?:git\+)?[a-z]+:\/\//i.test(text) ? text : `https://${text}`
  if (/^(?:git\+)?(?:https?|ssh|git):\/\/[^\s/]+\/[^\s]+$/.test(uri)) return uri
  throw new PreflightError('USAGE', `--source-uri ${printable(text, 80)}: it is no address of a repository.`, {
    hint: 'It is a repository such as github.com/acme/plugin.',
  })
}
