import type { Digest } from '../digest.ts'
import type { Authority } from './authority.ts'
import { type Annotations, proofsIn } from './cosign-annotations.ts'
import { type Envelope, parseEnvelope, parseStatement, type Statement, signedBytes } from './dsse.ts'
import { judgeSignature } from './judge-signature.ts'
import type { MadeSignature } from './made-signature.ts'
import { Malformed } from './malformed.ts'
import { parseBundle } from './sigstore-bundle.ts'
import { failed, nobody, ok, rejected, type Verdict } from './verdict.ts'
import { madeOf, subjectStep } from './verify-bundle.ts'

export const envelopeMediaType = 'application/vnd.dsse.envelope.v1+json'

/** What is said of a statement about an image. */
export interface AttestationVerdict extends Verdict {
  /** What it says: only when verified, so that nobody reads a predicate that nobody vouched for. */
  readonly statement: Statement | undefined
  /** What it says that it is about, proven or not; undefined where that cannot be read. */
  readonly predicateType: string | undefined
}

/** A layer of a `.att` tag, or of a referrer of that kind. */
export interface EnvelopeAttestation {
  /** DSSE, as JSON. */
  readonly envelope: Uint8Array
  readonly annotations: Annotations
}

/**
 * Whether somebody whom the authority trusts stated something about `image` in the bundle. Of which predicate is for the caller to
 * look at: the predicate of a signature is one like others here.
 */
export const verifyBundleAttestation = (image: Digest, bundle: Uint8Array, authority: Authority): AttestationVerdict =>
  judged(image, authority, 'a sigstore bundle', () => {
    const parsed = parseBundle(bundle)
    if (parsed.content.kind !== 'envelope') return undefined
    return { envelope: parsed.content, made: madeOf(parsed, signedBytes(parsed.content), parsed.content.payload) }
  })

/** The same for an envelope as cosign 1 and 2 attach it. */
export const verifyEnvelope = (image: Digest, { envelope, annotations }: EnvelopeAttestation, authority: Authority): AttestationVerdict =>
  judged(image, authority, 'a DSSE envelope', () => {
    const parsed = parseEnvelope(envelope)
    const { signature, payload } = parsed
    return { envelope: parsed, made: { signature, signed: signedBytes(parsed), payload, envelope, ...proofsIn(annotations) } }
  })

const judged = (
  image: Digest,
  authority: Authority,
  what: string,
  read: () => { readonly envelope: Envelope; readonly made: MadeSignature } | undefined,
): AttestationVerdict => {
  const nothing = { statement: undefined, predicateType: undefined }
  try {
    const found = read()
    if (found === undefined) {
      return { ...rejected('notAnAttestation', nobody, ok('format'), failed('purpose', 'a statement', 'a signature of bytes')), ...nothing }
    }
    const statement = parseStatement(found.envelope)
    const { predicateType, subjects } = statement
    const about = subjectStep(subjects, image)
    const steps = [ok('format'), ok('purpose', predicateType), about]
    const verdict = judgeSignature(found.made, authority, steps)
    if (about.outcome === 'failed') return { ...rejected('otherImage', verdict, ...steps), statement: undefined, predicateType }
    return { ...verdict, statement: verdict.verified ? statement : undefined, predicateType }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { ...rejected('malformed', nobody, failed('format', what, error.message)), ...nothing }
  }
}
