import { publicKeyFromPem } from '../../policy/keys.ts'
import { printable } from '../../redact.ts'
import { needsDefaultRoot } from '../../trust/authority-of.ts'
import type { JudgedImage } from '../../trust/judge-image.ts'
import { rootWords } from '../../trust/root-words.ts'
import type { Trust } from '../../trust/trust.ts'
import type { AnalyzeInput } from '../analyzer.ts'
import { candidatesOf, notationCandidatesOf, untrustedCandidatesOf, verifyingOf } from './candidates.ts'
import type { SignatureCase, SignedImage } from './case.ts'
import type { PolicyOutcome } from './decide.ts'
import { isOfFlags, policyWords } from './policy-findings.ts'

/** The image while nobody is trusted. */
export const untrustedCase = (input: AnalyzeInput, signed: SignedImage, image: JudgedImage, trust: Trust): SignatureCase => {
  const { trustedRoot, notationSigner, requireSignatures } = input.policy
  const candidates = untrustedCandidatesOf(image, image.all, {
    tellsSigners: trustedRoot !== undefined && trust.roots.byDefault !== undefined,
    notationSigner: attached => (notationSigner === undefined ? undefined : image.notationSigner(attached, notationSigner)),
  })
  const rootNote = trustedRoot !== undefined && candidates.some(one => one.state === 'judged' && one.verdict.certified !== undefined)
  return {
    ...signed,
    candidates,
    status: requireSignatures ? 'fail' : 'warn',
    wantedKeys: [],
    decidedBy: '',
    rootNote: rootNote ? rootWords(trustedRoot, input.at) : '',
  }
}

/**
 * The image as one policy sees it.
 *
 * @param required whether it must be signed, and no policy has it verified: then `mode: warn` is no excuse
 */
export const caseOf = (
  input: AnalyzeInput,
  signed: SignedImage,
  image: JudgedImage,
  { policy }: PolicyOutcome,
  required: boolean,
): SignatureCase => {
  const decidedBy = isOfFlags(policy) ? '' : `So ${policyWords(policy)} wants it.`
  if (policy.kind === 'notation') {
    const candidates = notationCandidatesOf(image, image.all, policy)
    return { ...signed, candidates, status: 'fail', wantedKeys: [], wants: 'notation', decidedBy, rootNote: '' }
  }
  const verifying = verifyingOf(policy)
  const { trustedRoot } = input.policy
  const rooted = trustedRoot !== undefined && policy.authorities.some(needsDefaultRoot)
  return {
    ...signed,
    candidates: candidatesOf(image, image.all, policy),
    status: policy.mode === 'warn' && !required ? 'warn' : 'fail',
    wantedKeys: verifying.flatMap(authority =>
      authority.kind === 'key'
        ? authority.keys.map(({ name, pem }) => `the key in ${printable(name)} (SHA256:${publicKeyFromPem(pem, name).fingerprint})`)
        : [],
    ),
    keyless: verifying.some(({ kind }) => kind === 'keyless'),
    decidedBy,
    rootNote: rooted ? rootWords(trustedRoot, input.at) : '',
  }
}
