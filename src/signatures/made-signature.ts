import type { PublicKey } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import { claimOf } from './certificate.ts'
import { type LoggedVerifier, parseLogEntry, type SealedLogEntry } from './log-entry.ts'
import { nobody } from './verdict.ts'
import type { Message } from './verify-key.ts'

/** A signature whose meaning was read already: what is left is who made it. */
export interface MadeSignature {
  readonly signature: Buffer
  readonly signed: Message
  /** Of a DSSE envelope; else the same as `signed`. */
  readonly payload: Message
  /** A DSSE envelope that is stored by itself, as it is stored. */
  readonly envelope?: Uint8Array
  /** Fingerprint of the key, as a bundle names it. */
  readonly hint?: string
  /** DER. */
  readonly certificate?: Buffer
  /** DER of further certificates that came along, trusted for nothing. */
  readonly chain: readonly Buffer[]
  /** A bundle is signed by a key or by a certificate; with a certificate, no key verifies it. */
  readonly certificateOnly?: boolean
  readonly logEntries: readonly SealedLogEntry[]
  /** TimeStampResp, DER. */
  readonly timestamps: readonly Buffer[]
}

/** By whom it says that it was made, unproven. */
export interface Claims {
  /** In words that fit after "by". */
  readonly signer: string
  /** Keys that it brings along: in its certificate and its log entries. */
  readonly keys: readonly PublicKey[]
}

export const claimsOf = ({ certificate, logEntries, hint }: MadeSignature): Claims => {
  const verifiers: readonly LoggedVerifier[] = [
    ...(certificate === undefined ? [] : [{ kind: 'certificate' as const, der: certificate }]),
    ...logEntries.flatMap(entry => {
      try {
        return [parseLogEntry(entry).verifier]
      } catch {
        return []
      }
    }),
  ]
  const certificates = verifiers.flatMap(verifier => (verifier.kind === 'certificate' ? [claimOf(verifier.der)] : []))
  const bare = verifiers.flatMap(verifier => (verifier.kind === 'key' ? [verifier.key] : []))
  const keys = [...certificates.map(claim => claim?.key), ...bare].filter(key => key !== undefined)
  return { keys, signer: signerOf(certificates.find(claim => claim !== undefined)?.identity, keys[0]?.fingerprint ?? hint) }
}

const signerOf = (identity: string | undefined, fingerprint: string | undefined): string => {
  if (identity !== undefined) return `the certificate of ${identity}`
  return fingerprint === undefined || fingerprint === '' ? nobody.signer : `the key SHA256:${printable(fingerprint, 80)}`
}
