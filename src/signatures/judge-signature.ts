import type { PublicKey } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import { claimOf } from './certificate.ts'
import { contradiction } from './log-contradiction.ts'
import { type LogEntry, type LoggedVerifier, parseLogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import { type Fault, failed, nobody, notChecked, ok, type Step, type TrustedPublicKey, type Verdict } from './verdict.ts'
import { howSigned } from './verify-key.ts'

/** A signature whose meaning was read already: what is left is who made it. */
export interface MadeSignature {
  readonly signature: Buffer
  readonly signed: Uint8Array
  /** Of a DSSE envelope; else the same as `signed`. */
  readonly payload: Uint8Array
  /** Fingerprint of the key, as a bundle names it. */
  readonly hint?: string
  /** DER. */
  readonly certificate?: Buffer
  /** A bundle is signed by a key or by a certificate; with a certificate, no key verifies it. */
  readonly certificateOnly?: boolean
  readonly logEntries: readonly LogEntry[]
  readonly timestamps: number
}

/**
 * The last steps, the same for every format: a trusted key made the signature, and no log entry contradicts it.
 * A signature without a log entry counts: who trusts a key trusts what it signs, and signers with keys of their own often sign
 * with --tlog-upload=false. An entry that is there must be of this signature, though.
 *
 * @param steps what was found already, all ok
 */
export const judgeSignature = (made: MadeSignature, keys: readonly TrustedPublicKey[], steps: readonly Step[]): Verdict => {
  const claims = claimsOf(made)
  const tried = made.certificateOnly === true ? [] : keys
  for (const key of tried) {
    const how = howSigned(key, made.signed, made.signature)
    if (how === undefined) continue
    const log = logSteps(made, key)
    const contradicted = log.some(({ outcome }) => outcome === 'failed')
    return {
      steps: [...steps, ok('signature', how), ...log],
      verified: !contradicted,
      fault: contradicted ? 'logEntry' : undefined,
      signer: `the key in ${printable(key.name)} (${key.description})`,
      key,
    }
  }
  const { fault, step } = whyNot(made, keys, claims)
  return { steps: [...steps, step], verified: false, fault, signer: signerOf(made, claims), key: undefined }
}

interface Claims {
  readonly identity: string | undefined
  /** Keys that it brings along: in its certificate and its log entries. */
  readonly keys: readonly PublicKey[]
}

const claimsOf = ({ certificate, logEntries }: MadeSignature): Claims => {
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
  return {
    identity: certificates.find(claim => claim !== undefined)?.identity,
    keys: [...certificates.map(claim => claim?.key), ...bare].filter(key => key !== undefined),
  }
}

/** By whom it says that it was made, unproven. */
const signerOf = (made: Pick<MadeSignature, 'hint' | 'certificate'>, { identity, keys }: Claims): string => {
  if (identity !== undefined) return `the certificate of ${identity}`
  const fingerprint = keys[0]?.fingerprint ?? made.hint
  return fingerprint === undefined || fingerprint === '' ? nobody.signer : `the key SHA256:${printable(fingerprint, 80)}`
}

const whyNot = (made: MadeSignature, keys: readonly TrustedPublicKey[], claims: Claims): { readonly fault: Fault; readonly step: Step } => {
  const named = keys.find(key => key.fingerprint === made.hint || claims.keys.some(claimed => claimed.spki.equals(key.spki)))
  const byItsOwn = claims.keys.some(key => howSigned(key, made.signed, made.signature) !== undefined)
  if (claims.keys.length > 0 && !byItsOwn) {
    return {
      fault: 'altered',
      step: failed('signature', `one by ${signerOf(made, claims)}, as it says`, 'one that this key does not verify'),
    }
  }
  if (named !== undefined && made.certificateOnly !== true) {
    return {
      fault: 'altered',
      step: failed('signature', `one by the key in ${printable(named.name)}, as it says`, 'one that this key does not verify'),
    }
  }
  if (keys.length === 0) return { fault: 'nobodyTrusted', step: notChecked('signature', 'no key was given with --key') }
  const names = keys.map(({ name }) => `the key in ${printable(name)}`).join(' or ')
  return { fault: 'otherKey', step: failed('signature', `one by ${names}`, `one by ${signerOf(made, claims)}`) }
}

const logSteps = (made: MadeSignature, key: TrustedPublicKey): readonly Step[] => [
  ...made.logEntries.flatMap((entry): readonly Step[] => {
    try {
      const found = contradiction(entry, { ...made, key })
      if (found !== undefined) return [failed('logEntry', found.expected, found.actual)]
      return [ok('logEntry'), notChecked('logInclusion', 'needs a trusted root; the key alone decides')]
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      return [failed('logEntry', 'an entry about this signature', error.message)]
    }
  }),
  ...(made.timestamps > 0 ? [notChecked('timestamp', 'needs a trusted root; the key alone decides')] : []),
]
