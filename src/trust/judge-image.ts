import type { Digest } from '../digest.ts'
import { nameOf, parseReference } from '../oci/reference.ts'
import type { AuthorityFound, FoundCandidate } from '../policy/authority-verdict.ts'
import type { Findings, NotationFound } from '../policy/evaluate.ts'
import type { NotationPolicy } from '../policy/image-policy.ts'
import { printable } from '../redact.ts'
import type { Authority } from '../signatures/authority.ts'
import type { NotationOutcome } from '../signatures/notation/outcome.ts'
import type { Step, Verdict } from '../signatures/verdict.ts'
import { type Attached, type BlobReader, openAttached } from './attached.ts'
import type { VerifyingAuthority } from './authority-of.ts'
import { type Judged, judgeAttached } from './judge-attached.ts'
import { failedStep, type JudgedNotation, judgeNotation, type NotationTrust, notationSigner, stepWords } from './notation.ts'
import { type Collected, placeName, repositoryOf, whereOf } from './where.ts'

/** All that hangs on one image, and what it is worth to whom; each thing is verified once for each authority. */
export interface JudgedImage {
  readonly all: readonly Attached[]
  /** What hangs on this digest of the image: the index's, or one of a platform. */
  attachedTo(subject: Digest): readonly Attached[]
  judged(attached: Attached, authority: VerifyingAuthority): Judged
  judgedNotation(attached: Attached, policy: NotationPolicy<NotationTrust>): JudgedNotation
  /** Whose certificate an envelope of the Notary Project brings, by what reads them; undefined where it cannot be read. */
  notationSigner(attached: Attached, read: (envelope: Uint8Array, mediaType: string) => string | undefined): string | undefined
  /** As policies are evaluated with, for what is kept of this digest. */
  findings(subject: Digest): Findings<NotationTrust>
}

export interface ImageQuestion {
  readonly fact: Collected
  readonly blob: BlobReader
  /** Whom an authority of a policy means; the same object for the same authority. */
  readonly authorityOf: (authority: VerifyingAuthority) => Authority
  readonly at: Date
}

export const judgeImage = (question: ImageQuestion): JudgedImage => {
  const { fact, blob } = question
  const all = fact.signatures.map((found): Attached => ({ found, where: whereOf(fact, found) }))
  const known = new Map<object, Map<Attached, Judged>>()
  const knownNotation = new Map<object, Map<Attached, JudgedNotation>>()
  const image: JudgedImage = {
    all,
    notationSigner: (attached, read) => {
      const opened = openAttached(attached, blob)
      return 'state' in opened ? undefined : read(opened.bytes, attached.found.mediaType)
    },
    attachedTo: subject => all.filter(({ found }) => found.subject === subject),
    judged: (attached, authority) =>
      once(known, authority, attached, () => {
        const passedOver = notLookedAt(attached, authority, fact)
        if (passedOver !== undefined) return { state: 'seen', what: passedOver }
        return judgeAttached(attached, question.authorityOf(authority), wantedBy(authority), blob)
      }),
    judgedNotation: (attached, policy) =>
      once(knownNotation, policy, attached, () => {
        const target = targetOf(fact, attached.found.subject)
        if (target === undefined) return { state: 'unreadable', code: 'FACT_MISSING', why: earlierVersion }
        return judgeNotation(attached, { trust: policy.document, repository: repositoryOf(fact), target, at: question.at, blob })
      }),
    findings: subject => ({
      sigstore: (_, authority) => sigstoreFound(image, fact, subject, authority),
      notation: policy => notationFound(image, fact, subject, policy),
    }),
  }
  return image
}

const earlierVersion = 'It was collected by a version that did not keep the size of what is signed. Collect again.'

const once = <T>(known: Map<object, Map<Attached, T>>, by: object, attached: Attached, judge: () => T): T => {
  const ofAll = known.get(by) ?? new Map<Attached, T>()
  known.set(by, ofAll)
  const found = ofAll.get(attached) ?? judge()
  ofAll.set(attached, found)
  return found
}

export const wantedBy = ({ attestations }: VerifyingAuthority): 'signature' | 'attestation' =>
  attestations.length > 0 ? 'attestation' : 'signature'

/** Why an authority does not look at it: who keeps signatures elsewhere, or in one format alone, means no other. */
const notLookedAt = ({ found }: Attached, { source, signatureFormat }: VerifyingAuthority, fact: Collected): string | undefined => {
  if (source !== undefined) {
    const { oci, tagPrefix = '' } = source
    const named = oci === undefined ? fact.repository : nameOf(parseReference(oci))
    const isThere = (found.source ?? fact.repository) === named
    const byTag = found.places.some(place => place === 'sigTag' || place === 'attTag')
    if (!isThere || (byTag && (found.tagPrefix ?? '') !== tagPrefix)) return 'kept where the policy does not look'
  }
  if (signatureFormat !== undefined && found.kind !== 'notation' && (found.kind === 'sigstoreBundle') !== (signatureFormat === 'bundle'))
    return `in another format than ${signatureFormat}, which the policy asks for`
  return undefined
}

const targetOf = (fact: Collected, subject: Digest) => {
  const platform = fact.platforms.find(one => one.ok && one.digest === subject)
  const { mediaType, sizeBytes } = subject === fact.digest ? fact : platform?.ok === true ? platform : {}
  return mediaType === undefined || sizeBytes === undefined ? undefined : { mediaType, digest: subject, sizeBytes }
}

const sigstoreFound = (image: JudgedImage, fact: Collected, subject: Digest, authority: VerifyingAuthority): AuthorityFound => {
  const judged = image.attachedTo(subject).map(attached => ({ attached, judged: image.judged(attached, authority) }))
  return {
    candidates: judged.flatMap(({ attached, judged }) => candidateOf(attached.where, judged)),
    gaps: [
      ...placeGaps(fact, subject, wantedBy(authority)),
      ...judged.flatMap(({ attached, judged }) => (judged.state === 'unreadable' ? [`${attached.where}: ${judged.why}`] : [])),
    ],
  }
}

const candidateOf = (where: string, judged: Judged): readonly FoundCandidate[] => {
  const place = where.replace(/^in /, '')
  switch (judged.state) {
    case 'judged': {
      const { verdict, predicateType } = judged
      const type = predicateType === undefined ? {} : { predicateType }
      const { verified, signer } = verdict
      return [{ where: place, verified, signer, ...type, ...(verified ? {} : { reason: reasonOf(verdict) }) }]
    }
    case 'unreadable':
      return [{ where: place, verified: false, reason: `could not be read (${judged.code}): ${judged.why}` }]
    case 'seen':
      return judged.predicateType === undefined
        ? []
        : [{ where: place, verified: false, reason: 'an attestation is no signature', predicateType: judged.predicateType }]
  }
}

const reasonOf = ({ steps }: Verdict): string => {
  const failed = steps.find(({ outcome }: Step) => outcome === 'failed')
  return failed === undefined ? 'nobody was told to be trusted' : `${failed.step}: expected ${failed.expected}, found ${failed.actual}`
}

/** Places of this digest at which more may be than was looked at, a line each. */
export const placeGaps = (fact: Collected, subject: Digest, wanted: 'signature' | 'attestation'): readonly string[] =>
  fact.places.flatMap(place => {
    const other = wanted === 'signature' ? 'attTag' : 'sigTag'
    if (place.subject !== subject || place.kind === other || place.kind === 'sbomTag') return []
    const name = placeName(place, fact.local)
    if (place.state === 'error') return [`${name}: could not be asked (${place.code}): ${printable(place.message, 300)}`]
    return place.state === 'found' && place.unread > 0 ? [`${name}: ${place.unread} more that were not read`] : []
  })

const notationFound = (image: JudgedImage, fact: Collected, subject: Digest, policy: NotationPolicy<NotationTrust>): NotationFound => {
  const { document } = policy
  const statement = document.statementFor(document.policy, repositoryOf(fact))
  if (statement === undefined) return { outcome: 'notApplicable', evidence: [] }
  const named = { statement: statement.name }
  if (statement.level === 'skip') return { ...named, outcome: 'skipped', evidence: [] }
  const judged = image
    .attachedTo(subject)
    .filter(({ found }) => found.kind === 'notation' || (found.kind === 'unknown' && found.content !== undefined))
    .map(attached => ({ attached, judged: image.judgedNotation(attached, policy) }))
  const evidence = judged.map(({ attached, judged }) => `${attached.where}: ${notationWords(judged)}`)
  const gaps = [
    ...placeGaps(fact, subject, 'signature').filter(line => !line.includes('.sig')),
    ...judged.flatMap(({ attached, judged }) => (judged.state === 'unreadable' ? [`${attached.where}: ${judged.why}`] : [])),
  ]
  const verified = judged
    .flatMap(({ judged }) => (judged.state === 'judged' && judged.outcome.verdict === 'verified' ? [judged.outcome] : []))
    .map(outcome => ({ outcome, logged: loggedSteps(outcome), unproven: !isAuthentic(outcome) }))
  // Of several the one of which most holds.
  const [best] = verified.toSorted((a, b) => Number(a.unproven) - Number(b.unproven) || a.logged.length - b.logged.length)
  if (best === undefined) return { ...named, outcome: 'failed', evidence: evidence.length === 0 ? ['none'] : evidence, gaps }
  const signer = notationSigner(best.outcome)
  const { logged, unproven } = best
  return { ...named, outcome: 'verified', ...(signer === undefined ? {} : { signer }), evidence, logged: logged.map(stepWords), unproven }
}

/** What could not be checked and need not be is no fault; what was checked and does not hold is one, enforced or not. */
const loggedSteps = ({ steps }: NotationOutcome) =>
  steps.filter(({ check, action, result }) => action === 'logged' && (result === 'failed' || (check === 'authenticity' && result !== 'ok')))

const isAuthentic = ({ steps }: NotationOutcome): boolean => steps.some(({ check, result }) => check === 'authenticity' && result === 'ok')

export const notationWords = (judged: JudgedNotation): string => {
  switch (judged.state) {
    case 'seen':
      return judged.what
    case 'unreadable':
      return `could not be read (${judged.code}): ${judged.why}`
    case 'judged': {
      const by = `signature of the Notary Project by ${notationSigner(judged.outcome) ?? 'nobody who can be named'}`
      const failed = failedStep(judged.outcome)
      const logged = judged.outcome.steps.filter(({ action, result }) => action === 'logged' && result !== 'ok').map(stepWords)
      return [failed === undefined ? `${by}: verified` : `${by}: does not count; ${stepWords(failed)}`, ...logged].join('; ')
    }
  }
}
