import { signaturePredicateType } from '../predicates/predicate-types.ts'
import { printable } from '../redact.ts'
import type { Authority } from '../signatures/authority.ts'
import type { Statement } from '../signatures/dsse.ts'
import { verifySimpleSigning } from '../signatures/simple-signing.ts'
import { failed, nobody, rejected, type Verdict } from '../signatures/verdict.ts'
import { type AttestationVerdict, verifyBundleAttestation, verifyEnvelope } from '../signatures/verify-attestation.ts'
import { verifyBundle } from '../signatures/verify-bundle.ts'
import { type Attached, type BlobReader, notedPredicate, type Opened, openAttached, type Unreadable, unreadable } from './attached.ts'

/** What one thing that hangs on the image is worth to an authority. */
export type Judged =
  | {
      readonly state: 'judged'
      readonly verdict: Verdict
      /** Of an attestation, proven or not. */
      readonly predicateType?: string | undefined
      /** What is attested; only of one that is verified. */
      readonly statement?: Statement | undefined
    }
  /** Not of the kind that was asked for; `predicateType` where it says that it is an attestation. */
  | { readonly state: 'seen'; readonly what: string; readonly predicateType?: string | undefined }
  | Unreadable

/** What is looked for: what one of them is, the other never counts as. */
export type Wanted = 'signature' | 'attestation'

export const judgeAttached = (attached: Attached, authority: Authority, wanted: Wanted, blob: BlobReader): Judged => {
  const { found } = attached
  const other = otherThing(attached, wanted, blob)
  if (other !== undefined) return other
  const opened = openAttached(attached, blob)
  if ('state' in opened) return opened
  if (opened.subject !== found.subject) {
    const step = failed('image', found.subject, opened.subject ?? 'a manifest that names no image')
    return { state: 'judged', verdict: rejected('otherImage', nobody, step) }
  }
  try {
    return wanted === 'signature' ? judgeSignature(attached, opened, authority, blob) : judgeAttestation(attached, opened, authority)
  } catch (error) {
    return unreadable(error)
  }
}

const judgeSignature = ({ found }: Attached, { bytes, annotations }: Opened, authority: Authority, blob: BlobReader): Judged => {
  if (found.kind !== 'sigstoreBundle')
    return { state: 'judged', verdict: verifySimpleSigning(found.subject, { payload: bytes, annotations }, authority) }
  const verdict = verifyBundle(found.subject, { bundle: bytes, manifest: () => blob(found.subject) }, authority)
  if (verdict.fault !== 'notASignature') return { state: 'judged', verdict }
  const predicateType = verdict.steps.at(-1)?.actual
  return { state: 'seen', what: `an attestation (${predicateType}) by ${verdict.signer}`, predicateType }
}

const judgeAttestation = ({ found }: Attached, { bytes, annotations }: Opened, authority: Authority): Judged => {
  const verdict: AttestationVerdict =
    found.kind === 'sigstoreBundle'
      ? verifyBundleAttestation(found.subject, bytes, authority)
      : verifyEnvelope(found.subject, { envelope: bytes, annotations }, authority)
  const { statement, predicateType } = verdict
  if (verdict.fault === 'notAnAttestation' || predicateType === signaturePredicateType)
    return { state: 'seen', what: `a signature by ${verdict.signer}` }
  return { state: 'judged', verdict, statement, predicateType }
}

/** What needs no look inside to be told that it is not `wanted`. */
const otherThing = (attached: Attached, wanted: Wanted, blob: BlobReader): Judged | undefined => {
  const { kind, mediaType, content } = attached.found
  const type = printable(mediaType)
  const unread = content?.ok === false ? ', which could not be read' : ''
  const seen = (what: string, predicateType?: string): Judged => ({ state: 'seen', what, predicateType })
  switch (kind) {
    case 'cosignAttestation':
    case 'inTotoReferrer': {
      if (wanted === 'attestation') return undefined
      const noted = notedPredicate(attached, blob)
      return seen(`an attestation (${noted ?? type})${unread}`, noted ?? 'of an unknown type')
    }
    case 'cosign':
    case 'cosignReferrer':
      return wanted === 'attestation' ? seen(`a signature (${type})${unread}`) : undefined
    case 'notation':
      return seen(`a signature of the Notary Project (${type})${unread}`)
    case 'sbomAttachment':
      return seen(`an SBOM that nobody signed (${type})`)
    case 'unknown':
      return content === undefined ? seen(type) : undefined
    case 'sigstoreBundle':
      return undefined
  }
}
