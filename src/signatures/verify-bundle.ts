import { createHash } from 'node:crypto'
import type { Digest } from '../digest.ts'
import type { Authority } from './authority.ts'
import { cosignSignPredicate, parseStatement, signedBytes } from './dsse.ts'
import { judgeSignature } from './judge-signature.ts'
import type { MadeSignature } from './made-signature.ts'
import { Malformed } from './malformed.ts'
import { readCertificate } from './sigstore/x509.ts'
import { type BundleContent, messageHashes, type ParsedBundle, parseBundle } from './sigstore-bundle.ts'
import { type Fault, failed, nobody, ok, rejected, type Step, type Verdict } from './verdict.ts'
import type { Message } from './verify-key.ts'

/** A sigstore bundle that hangs on an image. */
export interface BundleSignature {
  readonly bundle: Uint8Array
  /** The image's manifest, on whose bytes a message signature is; called only for one, and may throw. */
  manifest(): Message
}

/**
 * Whether somebody whom the authority trusts signed for `image` what stands in the bundle. @sigstore/verify leaves to its caller that
 * an envelope's payload type and subject fit, takes a certificate where a key was asked for, and verifies with SHA-256 alone;
 * cosign 3 takes any attestation for a signature. None of it is so here.
 */
export const verifyBundle = (image: Digest, signature: BundleSignature, authority: Authority): Verdict => {
  try {
    const parsed = parseBundle(signature.bundle)
    const { signed, payload, steps, fault } = meaningOf(parsed.content, image, signature)
    const verdict = judgeSignature(madeOf(parsed, signed, payload), authority, steps)
    return fault === undefined ? verdict : rejected(fault, verdict, ...steps)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return rejected('malformed', nobody, failed('format', 'a sigstore bundle', error.message))
  }
}

/** The signature in a bundle, with all that came along. */
export const madeOf = ({ signer, content, logEntries, timestamps }: ParsedBundle, signed: Message, payload: Message): MadeSignature => {
  // Who trusts a root has it; that one comes along means that somebody hopes it will be believed (sigstore client-spec, "Bundle").
  if (signer.kind === 'certificate' && signer.chain.some(isSelfIssued)) throw new Malformed('the bundle brings a root certificate')
  const who =
    signer.kind === 'key' ? { hint: signer.hint, chain: [] } : { certificate: signer.der, chain: signer.chain, certificateOnly: true }
  return { signature: content.signature, signed, payload, ...who, logEntries, timestamps }
}

const isSelfIssued = (der: Buffer): boolean => {
  const { issuer, subject } = readCertificate(der, 'a certificate of the bundle')
  return issuer.equals(subject)
}

interface Meaning {
  readonly signed: Message
  readonly payload: Message
  readonly steps: readonly Step[]
  /** Why the last step failed. */
  readonly fault?: Fault
}

const meaningOf = (content: BundleContent, image: Digest, signature: BundleSignature): Meaning => {
  if (content.kind === 'message') return messageMeaning(content, signature)
  const { predicateType, subjects } = parseStatement(content)
  const bytes = { signed: signedBytes(content), payload: content.payload }
  if (predicateType !== cosignSignPredicate) {
    return { ...bytes, fault: 'notASignature', steps: [ok('format'), failed('purpose', cosignSignPredicate, predicateType)] }
  }
  const step = subjectStep(subjects, image)
  return { ...bytes, steps: [ok('format'), ok('purpose'), step], ...(step.outcome === 'failed' ? { fault: 'otherImage' } : {}) }
}

/** Whether a statement is about the image. */
export const subjectStep = (subjects: readonly Digest[], image: Digest): Step =>
  subjects.includes(image) ? ok('image') : failed('image', image, subjects.slice(0, 3).join(', ') || 'nothing')

const messageMeaning = (content: Extract<BundleContent, { kind: 'message' }>, signature: BundleSignature): Meaning => {
  const hash = messageHashes.get(content.digestAlgorithm) ?? ''
  const message = signature.manifest()
  const expected = message instanceof Uint8Array ? createHash(hash).update(message).digest('hex') : message.digest.toString('hex')
  const steps = [ok('format'), ok('purpose', "a signature of the manifest's bytes")]
  const made = { signed: message, payload: message }
  const actual = content.digest.toString('hex')
  if (expected === actual) return { ...made, steps: [...steps, ok('image')] }
  return { ...made, fault: 'otherImage', steps: [...steps, failed('image', `${hash}:${expected}`, `${hash}:${actual}`)] }
}
