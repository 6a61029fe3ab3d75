import { createHash } from 'node:crypto'
import type { PublicKey } from '../policy/keys.ts'
import { type LogEntry, parseLogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'

/** What the entry must be about. */
export interface Logged {
  readonly signature: Buffer
  /** What the signature is over. */
  readonly signed: Uint8Array
  /** Of a DSSE envelope; else the same as `signed`. */
  readonly payload: Uint8Array
  readonly key: PublicKey
}

export interface Contradiction {
  readonly expected: string
  readonly actual: string
}

/**
 * How the entry contradicts the signature that it came with: another signature, digest or key. A valid entry of something else
 * proves nothing (GHSA-whqx-f9j3-ch6m), and @sigstore/verify compares neither the key nor the digest's algorithm.
 *
 * @throws Malformed when it cannot be compared
 */
export const contradiction = (entry: LogEntry, { signature, signed, payload, key }: Logged): Contradiction | undefined => {
  const logged = parseLogEntry(entry)
  if (!logged.signature.equals(signature)) return { expected: 'the signature that it came with', actual: 'another signature' }
  const { algorithm, value, of } = logged.digest
  const digest = digestWith(algorithm, of === 'payload' ? payload : signed)
  if (!value.equals(digest)) {
    return { expected: `${algorithm}:${digest.toString('hex')}`, actual: `${algorithm}:${value.toString('hex')}` }
  }
  const { verifier } = logged
  if (verifier.kind === 'certificate') return { expected: `the key ${key.fingerprint}`, actual: 'a certificate' }
  if (verifier.key === undefined || !verifier.key.spki.equals(key.spki)) {
    return { expected: `the key ${key.fingerprint}`, actual: verifier.key === undefined ? 'no key' : `the key ${verifier.key.fingerprint}` }
  }
  return undefined
}

const digestWith = (algorithm: string, bytes: Uint8Array): Buffer => {
  if (!['sha256', 'sha384', 'sha512'].includes(algorithm))
    throw new Malformed(`the log entry has a digest of the algorithm ${JSON.stringify(algorithm)}`)
  return createHash(algorithm).update(bytes).digest()
}
