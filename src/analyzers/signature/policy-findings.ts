import type { Finding } from '../../outcome.ts'
import { identityWarnings } from '../../policy/identity.ts'
import type { ImagePolicy } from '../../policy/image-policy.ts'
import { printable } from '../../redact.ts'
import type { NotationTrust } from '../../trust/notation.ts'
import type { SignatureCase, SignedImage } from './case.ts'
import { holds, isVerified, type PolicyOutcome, verdictsOf } from './decide.ts'
import { shortfalls } from './findings.ts'
import { falling, imageName } from './rejected.ts'
import { listed } from './rows.ts'

type Policy = ImagePolicy<NotationTrust>

/** Of the command line: no file is to be named. */
export const isOfFlags = ({ from }: Policy): boolean => from.startsWith('--')

/** As in `the policy acme (policy.yaml:1:1)`. */
export const policyWords = ({ kind, name, from }: Policy): string => {
  if (from.startsWith('--')) return from
  return kind === 'notation' ? `the trust policy ${printable(from)}` : `the policy ${printable(name, 80)} (${printable(from)})`
}

/** Why a policy does not hold. */
export const violatedFindings = ({ policy, ofRoot, reach }: PolicyOutcome, found: SignatureCase): readonly Finding[] => {
  if (policy.kind === 'sigstore') {
    const verifying = policy.authorities.filter(authority => authority.kind !== 'static')
    if (verifying.length === 0)
      return [
        falling(
          found,
          'SIGNATURE_FORBIDDEN',
          `${imageName(found)} is not to be used: ${ofRoot.found}. Deploy an image that the policy allows, or change the policy.`,
        ),
      ]
    if (verifying.every(({ attestations }) => attestations.length > 0)) {
      const { gaps } = ofRoot
      const open = gaps.length === 0 ? '' : ` Not everything could be looked at: ${gaps.slice(0, 2).join('; ')}.`
      return [
        falling(
          found,
          gaps.length > 0 ? 'SIGNATURE_UNREACHABLE' : 'SIGNATURE_ATTESTATION',
          `${imageName(found)} lacks what the policy asks for: expected ${ofRoot.expected}, found ${ofRoot.found}.${open} Attest it (cosign attest --type TYPE --predicate FILE ${found.repository}@${found.digest}), or copy its attestations from where it was attested.`,
        ),
      ]
    }
  }
  return shortfalls(found, reach)
}

/** What is said where policies hold: who signed, in one sentence for all. */
export const heldFinding = (
  outcomes: readonly PolicyOutcome[],
  signed: SignedImage,
  whereOf: (outcome: PolicyOutcome) => string | undefined,
): Finding | undefined => {
  const verified = outcomes.filter(isVerified)
  const sentences = verified.map(outcome => {
    const { policy, ofRoot, reach } = outcome
    const as = isOfFlags(policy) ? '' : `, as ${policyWords(policy)} wants`
    if (reach.kind === 'images') {
      const each = reach.by.map(({ platform, verdict }) => `${platform} by ${verdict.signer ?? 'somebody trusted'}`)
      return `the index of ${imageName(signed)} is not signed, but each of its images that is needed is: ${listed(each)}${as}.`
    }
    const where = whereOf(outcome)
    if (where === undefined) return `${imageName(signed)} has ${ofRoot.found}${as}.`
    return `${imageName(signed)} is signed by ${ofRoot.signer ?? 'somebody trusted'}${as}. The signature is ${where}.`
  })
  if (sentences.length === 0) return undefined
  const [first = '', ...more] = sentences
  const message = [first, ...more.map(sentence => sentence.replace(/^./, c => c.toUpperCase()))].join(' ')
  return { status: 'pass', code: 'SIGNATURE_VERIFIED', message: `${signed.plugin}: ${message}` }
}

/** Policies that hold although nobody looked at a signature, or although something does not hold of it. */
export const skippedFindings = (
  outcomes: readonly PolicyOutcome[],
  signed: SignedImage,
  requireSignatures: boolean,
): readonly Finding[] => {
  const isAnyVerified = outcomes.some(isVerified)
  const shared = { ...signed, status: requireSignatures && !isAnyVerified ? ('fail' as const) : ('warn' as const), decidedBy: '' }
  return outcomes.flatMap((outcome): readonly Finding[] => {
    if (!holds(outcome)) return []
    const { policy, ofRoot } = outcome
    const logged = [...new Set(verdictsOf(outcome).flatMap(verdict => verdict.logged ?? []))]
    if (logged.length > 0)
      return [
        falling(
          shared,
          'SIGNATURE_LOGGED',
          `${policyWords(policy)} takes a signature of ${imageName(signed)} of which not everything holds, and only logs that: ${logged.join('; ')}. Sign the image again so that it holds.`,
        ),
      ]
    // Where another policy has it verified, one that accepts everything takes nothing away.
    if (isVerified(outcome) || (policy.kind === 'sigstore' && isAnyVerified)) return []
    return [
      falling(
        shared,
        'SIGNATURE_SKIPPED',
        `nothing was verified of ${imageName(signed)}: ${policyWords(policy)} lets it through (${ofRoot.found}). Name in the policy who signs the image.`,
      ),
    ]
  })
}

/** What is risky in the policies that speak of the image, whatever they say of it. */
export const riskFindings = (outcomes: readonly PolicyOutcome[], signed: SignedImage): readonly Finding[] => {
  const shared = { ...signed, status: 'warn' as const, decidedBy: '' }
  return outcomes.flatMap((outcome): readonly Finding[] => {
    const { policy } = outcome
    if (policy.kind !== 'sigstore') return []
    const keyless = policy.authorities.filter(authority => authority.kind === 'keyless')
    const loose = identityWarnings(keyless.flatMap(({ identities }) => identities))
    const ignoring = keyless.filter(({ insecureIgnoreSct }) => insecureIgnoreSct)
    return [
      ...(loose.length === 0
        ? []
        : [falling(shared, 'SIGNATURE_IDENTITY_LOOSE', `${policyWords(policy)} trusts more signers than it seems to. ${loose.join(' ')}`)]),
      ...(ignoring.length === 0
        ? []
        : [
            falling(
              shared,
              'SIGNATURE_SCT_IGNORED',
              `${policyWords(policy)} takes certificates that no certificate log has seen, so that one that was issued in secret would not be noticed. Give a trusted root that names the certificate log, and leave ${isOfFlags(policy) ? '--insecure-ignore-sct' : 'insecureIgnoreSCT'} out.`,
            ),
          ]),
    ]
  })
}

/** Policies were given, and none speaks of the image. */
export const noPolicyFinding = (signed: SignedImage, others: readonly string[], status: 'warn' | 'fail'): Finding =>
  falling(
    { ...signed, status, decidedBy: '' },
    'SIGNATURE_NO_POLICY',
    `no policy speaks of ${imageName(signed)}, so that nobody is trusted to sign it: ${listed(others.slice(0, 5).map(name => printable(name, 80)))}${others.length > 5 ? ` and ${others.length - 5} more` : ''} ${others.length === 1 ? 'is' : 'are'} about other images. Add the image to a policy, or give one for it.`,
  )

/** Nobody knows whether a policy speaks of it. */
export const unknownImageFinding = (signed: SignedImage): Finding =>
  falling(
    { ...signed, status: 'fail', decidedBy: '' },
    'SIGNATURE_IMAGE_UNKNOWN',
    `policy-controller does not understand the name of ${imageName(signed)}, so that nobody knows whether a policy speaks of it. Write it as registry/repository:tag, with small letters and no character that policy-controller refuses.`,
  )
