import type { SignatureKind } from '../../facts/signature.ts'
import type { ImagePolicy } from '../../policy/image-policy.ts'
import { printable } from '../../redact.ts'
import { nobody, type Step, type StepName, type Verdict } from '../../signatures/verdict.ts'
import type { Attached } from '../../trust/attached.ts'
import type { JudgedImage } from '../../trust/judge-image.ts'
import { type NotationTrust, notationSigner } from '../../trust/notation.ts'
import { type Trust, trustOf } from '../../trust/trust.ts'
import { type AnalyzeInput, factsOf } from '../analyzer.ts'
import { candidatesOf, untrustedCandidatesOf } from './candidates.ts'
import type { Candidate } from './case.ts'
import { decide } from './decide.ts'
import { policyWords } from './policy-findings.ts'
import { signedImageOf } from './signed-image.ts'

/** One step of a verification; `notChecked` is not a pass. */
export interface TableStep {
  readonly step: string
  readonly outcome: 'ok' | 'failed' | 'notChecked'
  readonly expected?: string
  readonly found?: string
  readonly note?: string
}

/** One thing that hangs on an image, as one policy sees it. */
export interface TableRow {
  readonly where: string
  /** As in `cosign signature`, `sigstore bundle`. */
  readonly form: string
  /** Of what it is: the index, or the image of a platform. */
  readonly subject: string
  /** Whom it says that it is by. Absent: it does not say. */
  readonly signer?: string
  /** Whether that is more than it says of itself: a trusted key, or a trusted authority, vouches for it. */
  readonly proven: boolean
  /** For whom it was judged; absent: nobody was told to be trusted. */
  readonly policy?: string
  /** `other`: not what the policy asks for, so that it counts for nothing. */
  readonly verdict: 'verified' | 'rejected' | 'other' | 'unreadable'
  /** Why it is `other` or `unreadable`. */
  readonly reason?: string
  readonly steps: readonly TableStep[]
}

export interface ImageTable {
  readonly image: string
  /** What the reference points at; absent where that is not known. */
  readonly digest?: string
  readonly candidates: readonly TableRow[]
}

/** All that hangs on each image, with every step of its verification by every policy that speaks of the image. */
export const signatureTables = (input: AnalyzeInput): readonly ImageTable[] => {
  const trust = trustOf(input.policy, input.at)
  return input.plugins.map(plugin => {
    const fact = factsOf(input, 'signature', plugin)[0]!
    if (!fact.ok) return { image: plugin.image, candidates: [] }
    const image = trust.image(fact, input.blob)
    const decided = decide(trust.policies, plugin.image, signedImageOf(plugin.plugin, fact, input.platforms), image)
    const candidates =
      decided.state === 'decided'
        ? told(decided.outcomes.flatMap(({ policy }) => rowsFor(image, policy)))
        : untrustedRows(input, image, trust)
    return { image: plugin.image, digest: fact.digest, candidates }
  })
}

/** What one policy judges is not told of again where it means nothing to another. */
const told = (rows: readonly TableRow[]): readonly TableRow[] => {
  const same = (one: TableRow) => rows.filter(other => other.where === one.where && other.form === one.form)
  return rows.filter(row => row.verdict !== 'other' || (same(row).every(({ verdict }) => verdict === 'other') && same(row)[0] === row))
}

const forms: Readonly<Record<SignatureKind, string>> = {
  cosign: 'cosign signature',
  cosignReferrer: 'cosign signature',
  cosignAttestation: 'cosign attestation',
  inTotoReferrer: 'cosign attestation',
  sigstoreBundle: 'sigstore bundle',
  notation: 'Notary Project signature',
  sbomAttachment: 'SBOM',
  unknown: 'unknown',
}

const rowsFor = (image: JudgedImage, policy: ImagePolicy<NotationTrust>): readonly TableRow[] => {
  const named = { policy: policyWords(policy) }
  if (policy.kind === 'sigstore') {
    const candidates = candidatesOf(image, image.all, policy)
    return image.all.map((attached, index) => ({ ...rowOf(attached, candidates[index]!), ...named }))
  }
  return image.all.map(attached => ({ ...notationRow(image, attached, policy), ...named }))
}

const untrustedRows = (input: AnalyzeInput, image: JudgedImage, trust: Trust): readonly TableRow[] => {
  const { notationSigner: read } = input.policy
  const candidates = untrustedCandidatesOf(image, image.all, {
    tellsSigners: trust.roots.byDefault !== undefined,
    notationSigner: attached => (read === undefined ? undefined : image.notationSigner(attached, read)),
  })
  return image.all.map((attached, index) => rowOf(attached, candidates[index]!))
}

const headOf = ({ where, found }: Attached) => ({ where, form: forms[found.kind], subject: found.subject, proven: false })

const rowOf = (attached: Attached, candidate: Candidate): TableRow => {
  const head = headOf(attached)
  switch (candidate.state) {
    case 'judged': {
      const { verdict } = candidate
      const steps = [...verdict.steps.map(stepOf), ...unreached(verdict)]
      const { signer, verified, key, certified } = verdict
      const by = signer === nobody.signer ? {} : { signer }
      return {
        ...head,
        ...by,
        proven: verified || key !== undefined || certified !== undefined,
        verdict: verified ? 'verified' : 'rejected',
        steps,
      }
    }
    case 'notation':
      return { ...head, verdict: candidate.verified ? 'verified' : 'rejected', reason: candidate.words, steps: [] }
    case 'seen':
      return { ...head, verdict: 'other', reason: candidate.what, steps: [] }
    case 'unreadable':
      return { ...head, verdict: 'unreadable', reason: `${candidate.code}: ${candidate.why}`, steps: [] }
  }
}

const stepOf = ({ step, outcome, expected, actual, note }: Step): TableStep => ({
  step,
  outcome,
  ...(expected === undefined ? {} : { expected }),
  ...(actual === undefined ? {} : { found: actual }),
  ...(note === undefined ? {} : { note }),
})

const always: readonly StepName[] = ['format', 'purpose', 'image', 'signature']
const ofCertificates: readonly StepName[] = ['certificate', 'sct', 'identity']

/** What came after the step that failed was not looked at, and is told so. */
const unreached = ({ steps }: Verdict): readonly TableStep[] => {
  if (!steps.some(({ outcome }) => outcome === 'failed')) return []
  const made = steps.map(({ step }) => step)
  const expected = made.some(step => ofCertificates.includes(step) || step === 'logInclusion') ? [...always, ...ofCertificates] : always
  return expected.filter(step => !made.includes(step)).map(step => ({ step, outcome: 'notChecked', note: 'not reached' }))
}

const notationRow = (
  image: JudgedImage,
  attached: Attached,
  policy: Extract<ImagePolicy<NotationTrust>, { kind: 'notation' }>,
): TableRow => {
  const head = headOf(attached)
  const judged = image.judgedNotation(attached, policy)
  if (judged.state === 'unreadable') return { ...head, verdict: 'unreadable', reason: `${judged.code}: ${judged.why}`, steps: [] }
  if (judged.state === 'seen') return { ...head, verdict: 'other', reason: judged.what, steps: [] }
  const { outcome } = judged
  const signer = notationSigner(outcome)
  const skipped = outcome.verdict === 'skipped' ? { reason: 'the trust policy skips it' } : {}
  return {
    ...head,
    ...(signer === undefined ? {} : { signer: printable(signer) }),
    proven: outcome.verdict === 'verified',
    ...skipped,
    verdict: outcome.verdict === 'verified' ? 'verified' : outcome.verdict === 'skipped' ? 'other' : 'rejected',
    steps: outcome.steps.map(({ check, action, result, error, note }) => ({
      step: check,
      outcome: result,
      ...(error === undefined ? {} : { expected: error.expected, found: error.actual }),
      ...(note === undefined && action === 'enforced'
        ? {}
        : { note: [note, action === 'enforced' ? undefined : `only ${action}`].filter(part => part !== undefined).join('; ') }),
    })),
  }
}
