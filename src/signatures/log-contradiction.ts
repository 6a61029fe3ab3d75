import { createHash } from 'node:crypto'
import type { PublicKey } from '../policy/keys.ts'
import { type LogEntry, type LoggedVerifier, parseLogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import type { Message } from './verify-key.ts'

/** What the entry must be about. */
export interface Logged {
  readonly signature: Buffer
  /** What the signature is over. */
  readonly signed: Message
  /** Of a DSSE envelope; else the same as `signed`. */
  readonly payload: Message
  /** The DSSE envelope as it is stored, where it is stored by itself. */
  readonly envelope?: Uint8Array
  readonly key: PublicKey
  /** DER, where the signature was made with one for this key: the entry must then have it too. */
  readonly certificate?: Buffer
  /** The key itself is trusted: the entry may have it in the place of the certificate. */
  readonly orKey?: boolean
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
export const contradiction = (entry: LogEntry, about: Logged): Contradiction | undefined => {
  const logged = parseLogEntry(entry)
  // Without a signature of its own, an entry is about a whole envelope, which has the signature in it.
  if (logged.signature !== undefined && !logged.signature.equals(about.signature)) {
    return { expected: 'the signature that it came with', actual: 'another signature' }
  }
  const { algorithm, value, of } = logged.digest
  const bytes = about[of]
  if (bytes === undefined) throw new Malformed('the log entry is about an envelope as it was sent, which a bundle does not hold')
  const digest = digestWith(algorithm, bytes)
  if (!value.equals(digest)) {
    return { expected: `${algorithm}:${digest.toString('hex')}`, actual: `${algorithm}:${value.toString('hex')}` }
  }
  return otherVerifier(logged.verifier, about)
}

const otherVerifier = (verifier: LoggedVerifier, { key, certificate, orKey }: Logged): Contradiction | undefined => {
  if (certificate !== undefined && !(verifier.kind === 'key' && orKey === true)) {
    if (verifier.kind === 'certificate' && verifier.der.equals(certificate)) return undefined
    return { expected: 'the certificate that the signature came with', actual: verifier.kind === 'key' ? 'a key' : 'another certificate' }
  }
  if (verifier.kind === 'certificate') return { expected: `the key ${key.fingerprint}`, actual: 'a certificate' }
  if (verifier.key?.spki.equals(key.spki)) return undefined
  return { expected: `the key ${key.fingerprint}`, actual: verifier.key === undefined ? 'no key' : `the key ${verifier.key.fingerprint}` }
}

const digestWith = (algorithm: string, message: Message): Buffer => {
  if (!['sha256', 'sha384', 'sha512'].includes(algorithm))
    throw new Malformed(`the log entry has a digest of the algorithm ${JSON.stringify(algorithm)}`)
  if (message instanceof Uint8Array) return createHash(algorithm).update(message).digest()
  if (message.hash === algorithm) return message.digest
  throw new Malformed(`the log entry has a digest of ${algorithm}, and only one of ${message.hash} is known`)
}
