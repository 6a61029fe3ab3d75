import type { NotationPolicy, SigstorePolicy } from '../../policy/image-policy.ts'
import { type Fault, nobody as nobodyKnown, notChecked, rejected, type Verdict } from '../../signatures/verdict.ts'
import type { Attached } from '../../trust/attached.ts'
import type { VerifyingAuthority } from '../../trust/authority-of.ts'
import type { Judged } from '../../trust/judge-attached.ts'
import { type JudgedImage, notationWords, wantedBy } from '../../trust/judge-image.ts'
import { type NotationTrust, notationHolds, notationRemedy } from '../../trust/notation.ts'
import type { Candidate } from './case.ts'

/** The most telling first: what somebody trusted has to do with before what anybody may have put there. */
const order: readonly (Fault | 'trustedSignedOther')[] = [
  'nobodyTrusted',
  'altered',
  'logEntry',
  'notLogged',
  'untimed',
  'certificate',
  'sct',
  'trustedSignedOther',
  'otherKey',
  'otherIdentity',
  'otherImage',
  'malformed',
]

export const rankOf = ({ verified, fault, key }: Verdict): number =>
  verified ? -1 : order.indexOf(fault === 'otherImage' && key !== undefined ? 'trustedSignedOther' : (fault ?? 'malformed'))

const candidateOf = ({ where, found: { subject } }: Attached, judged: Judged): Candidate => ({ where, subject, ...judged })

/** Everything that hangs on the image as a policy sees it: of several authorities, by the one that has most to do with it. */
export const candidatesOf = (image: JudgedImage, attached: readonly Attached[], policy: SigstorePolicy): readonly Candidate[] => {
  const authorities = verifyingOf(policy)
  return attached.map(one => {
    const [best] = authorities.map(authority => image.judged(one, authority)).toSorted((a, b) => rankOfJudged(a) - rankOfJudged(b))
    return candidateOf(one, best ?? { state: 'seen', what: 'not looked at, as the policy asks for no signature' })
  })
}

/** Those that ask for a signature; where none does, those that ask for attestations. */
export const verifyingOf = ({ authorities }: SigstorePolicy): readonly VerifyingAuthority[] => {
  const verifying = authorities.filter(authority => authority.kind !== 'static')
  const forSignatures = verifying.filter(authority => wantedBy(authority) === 'signature')
  return forSignatures.length > 0 ? forSignatures : verifying
}

const rankOfJudged = (judged: Judged): number =>
  judged.state === 'judged' ? rankOf(judged.verdict) : judged.state === 'unreadable' ? 98 : 99

export const notationCandidatesOf = (
  image: JudgedImage,
  attached: readonly Attached[],
  policy: NotationPolicy<NotationTrust>,
): readonly Candidate[] =>
  attached.map((one): Candidate => {
    const judged = image.judgedNotation(one, policy)
    const shared = { where: one.where, subject: one.found.subject }
    if (judged.state !== 'judged') return { ...shared, ...judged }
    const { outcome } = judged
    const told = { words: notationWords(judged), holds: notationHolds(outcome), remedy: notationRemedy(outcome) }
    return { ...shared, state: 'notation', verified: outcome.verdict === 'verified', ...told }
  })

const shared = { log: { required: false }, attestations: [] } as const
const nobody: VerifyingAuthority = { ...shared, kind: 'key', name: 'nobody', keys: [], hashAlgorithm: 'sha256' }
const anything = { kind: 'pattern', text: '^.*$', matches: () => true, warnings: [] } as const
const anybody: VerifyingAuthority = {
  ...shared,
  kind: 'keyless',
  name: 'anybody',
  identities: [{ subject: anything, issuer: anything }],
  log: { required: true },
  insecureIgnoreSct: false,
}

/** What it is worth while nobody is trusted: nothing, but who signed can be proven where a trusted root knows who issued the certificate. */
export const untrustedCandidatesOf = (
  image: JudgedImage,
  attached: readonly Attached[],
  { tellsSigners, notationSigner }: { readonly tellsSigners: boolean; readonly notationSigner: (attached: Attached) => string | undefined },
): readonly Candidate[] =>
  attached.map((one): Candidate => {
    if (one.found.kind === 'notation' && one.found.content?.ok === true) {
      const signer = notationSigner(one)
      const step = notChecked('signature', 'nothing says whom to trust for signatures of the Notary Project')
      const verdict = rejected('nobodyTrusted', { ...nobodyKnown, ...(signer === undefined ? {} : { signer }) }, step)
      return { where: one.where, subject: one.found.subject, state: 'judged', verdict, notation: true }
    }
    const judged = image.judged(one, nobody)
    if (judged.state !== 'judged' || judged.verdict.fault !== 'nobodyTrusted' || !tellsSigners) return candidateOf(one, judged)
    const proven = image.judged(one, anybody)
    if (proven.state !== 'judged' || !proven.verdict.verified) return candidateOf(one, judged)
    return candidateOf(one, { ...proven, verdict: { ...proven.verdict, verified: false, fault: 'nobodyTrusted' } })
  })
