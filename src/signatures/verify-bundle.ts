import { createHash } from 'node:crypto'
import type { Digest } from '../digest.ts'
import { cosignSignPredicate, parseStatement, signedBytes } from './dsse.ts'
import { judgeSignature, type MadeSignature } from './judge-signature.ts'
import { Malformed } from './malformed.ts'
import { type BundleContent, parseBundle } from './sigstore-bundle.ts'
import { type Fault, failed, nobody, ok, rejected, type Step, type TrustedPublicKey, type Verdict } from './verdict.ts'

export const bundleMediaTypePrefix = 'application/vnd.dev.sigstore.bundle'

/** A sigstore bundle that hangs on an image. */
export interface BundleSignature {
  readonly bundle: Uint8Array
  /** The image's manifest, on whose bytes a message signature is; called only for one, and may throw. */
  manifest(): Uint8Array
}

/** Node's names for the hashes of protobuf-specs 0.5 sigstore_common.proto. */
const hashes = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
])

/**
 * Whether one of `keys` signed for `image` what stands in the bundle. @sigstore/verify leaves to its caller that an envelope's
 * payload type and subject fit, takes a certificate where a key was asked for, and verifies with SHA-256 alone; cosign 3 takes
 * any attestation for a signature. None of it is so here.
 */
export const verifyBundle = (image: Digest, { bundle, manifest }: BundleSignature, keys: readonly TrustedPublicKey[]): Verdict => {
  try {
    const { signer, content, logEntries, timestamps } = parseBundle(bundle)
    const who = signer.kind === 'key' ? { hint: signer.hint } : { certificate: signer.der, certificateOnly: true }
    const { signed, payload, steps, fault } = meaningOf(content, image, manifest)
    const made: MadeSignature = { signature: content.signature, signed, payload, ...who, logEntries, timestamps }
    const verdict = judgeSignature(made, keys, steps)
    return fault === undefined ? verdict : rejected(fault, verdict, ...steps)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return rejected('malformed', nobody, failed('format', 'a sigstore bundle', error.message))
  }
}

interface Meaning {
  readonly signed: Uint8Array
  readonly payload: Uint8Array
  readonly steps: readonly Step[]
  /** Why the last step failed. */
  readonly fault?: Fault
}

const meaningOf = (content: BundleContent, image: Digest, manifest: () => Uint8Array): Meaning => {
  if (content.kind === 'envelope') {
    const { predicateType, subjects } = parseStatement(content)
    const bytes = { signed: signedBytes(content), payload: content.payload }
    if (predicateType !== cosignSignPredicate) {
      return { ...bytes, fault: 'notASignature', steps: [ok('format'), failed('purpose', cosignSignPredicate, predicateType)] }
    }
    if (subjects.includes(image)) return { ...bytes, steps: [ok('format'), ok('purpose'), ok('image')] }
    const other = subjects.slice(0, 3).join(', ') || 'nothing'
    return { ...bytes, fault: 'otherImage', steps: [ok('format'), ok('purpose'), failed('image', image, other)] }
  }
  const hash = hashes.get(content.digestAlgorithm)
  if (hash === undefined) throw new Malformed(`the digest of the message is a ${JSON.stringify(content.digestAlgorithm)}`)
  const bytes = manifest()
  const [expected, actual] = [createHash(hash).update(bytes).digest('hex'), content.digest.toString('hex')]
  const steps = [ok('format'), ok('purpose', "a signature of the manifest's bytes")]
  const made = { signed: bytes, payload: bytes }
  if (expected === actual) return { ...made, steps: [...steps, ok('image')] }
  return { ...made, fault: 'otherImage', steps: [...steps, failed('image', `${hash}:${expected}`, `${hash}:${actual}`)] }
}
