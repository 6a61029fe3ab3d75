import type { Certificate } from '../../x509/certificate.ts'
import { Malformed } from '../malformed.ts'
import { algorithmFor, type EnvelopeAlgorithm, envelopeVerifies } from './envelope-algorithm.ts'
import type { ProtectedHeader } from './signed-attributes.ts'

/** What an envelope of either format holds. */
export interface EnvelopeParts {
  readonly payload: Buffer
  readonly signature: Buffer
  /** Leaf first. Unsigned, but the leaf's key verifies the signature. */
  readonly chain: readonly Certificate[]
  /** Unsigned. */
  readonly timestampToken: Buffer | undefined
  readonly signingAgent: string | undefined
  readonly header: ProtectedHeader
}

/** More than any chain has, and few enough to verify. */
export const maxChain = 16

export interface SignedAs {
  readonly signed: Buffer
  isAlgorithm(algorithm: EnvelopeAlgorithm): boolean
  /** As the envelope names it, for messages. */
  readonly algorithm: string
}

/** Verifies the envelope's signature with its leaf's key. @throws Malformed */
export const verifyParts = ({ chain, signature }: EnvelopeParts, { signed, isAlgorithm, algorithm }: SignedAs): void => {
  const [leaf] = chain
  if (leaf === undefined) throw new Malformed('there is no certificate in it')
  const expected = algorithmFor(leaf.key)
  if (leaf.key === undefined || expected === undefined)
    throw new Malformed('the key of its certificate is none of RSA 2048, 3072, 4096 and ECDSA P-256, P-384, P-521')
  if (!isAlgorithm(expected))
    throw new Malformed(`it is signed with the algorithm ${algorithm}, and its ${expected.key} key takes ${expected.jws}`)
  if (!envelopeVerifies(expected, leaf.key, signed, signature))
    throw new Malformed('the signature does not verify with the key of its certificate')
}
