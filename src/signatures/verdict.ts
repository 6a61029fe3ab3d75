import { printable } from '../redact.ts'
import type { SigningKey } from './verify-key.ts'

/** A key that the user trusts. */
export interface TrustedPublicKey extends SigningKey {
  /** The file, for messages. */
  readonly name: string
}

/**
 * In this order, until one fails that the next rest on:
 * `format`: the bytes are what they say they are; `purpose`: it is a signature of an image, not an attestation or something else;
 * `image`: it was made for this image; `signature`: one of the trusted keys, or the key of its certificate, made it;
 * `timestamp`: when, as timestamp authorities say; `logEntry`: the log entry that it brings is about this signature;
 * `logInclusion`: a trusted log has that entry; `certificate`: a trusted authority issued it for signing code, and it was valid at
 * every proven time; `sct`: a trusted log has seen the certificate; `identity`: the certificate is for somebody who is trusted.
 */
export type StepName =
  | 'format'
  | 'purpose'
  | 'image'
  | 'signature'
  | 'timestamp'
  | 'logEntry'
  | 'logInclusion'
  | 'certificate'
  | 'sct'
  | 'identity'

export interface Step {
  readonly step: StepName
  readonly outcome: 'ok' | 'failed' | 'notChecked'
  readonly expected?: string
  readonly actual?: string
  readonly note?: string
}

/**
 * Why a candidate does not count. `altered`: its own key, or a trusted one that it names, does not verify it;
 * `otherKey`: none of the trusted keys made it; `otherIdentity`: somebody else's certificate did, or a key where certificates are
 * trusted; `nobodyTrusted`: no key was given; `logEntry`: its log entry is about something else; `notLogged`, `untimed`,
 * `certificate`, `sct`: what is missing or does not hold of its proofs.
 */
export type Fault =
  | 'malformed'
  | 'notASignature'
  | 'notAnAttestation'
  | 'otherImage'
  | 'nobodyTrusted'
  | 'otherKey'
  | 'otherIdentity'
  | 'altered'
  | 'logEntry'
  | 'notLogged'
  | 'untimed'
  | 'certificate'
  | 'sct'

/** What is said of one candidate. */
export interface Verdict {
  readonly steps: readonly Step[]
  readonly verified: boolean
  /** Undefined when verified. */
  readonly fault: Fault | undefined
  /** By whom, in words that fit after "by": proven when verified, else what it says of itself. */
  readonly signer: string
  /** The trusted key that made it, whatever it is worth. */
  readonly key: TrustedPublicKey | undefined
  /** For whom the certificate is that made it; only when verified. */
  readonly certified?: { readonly subject: string; readonly issuer: string | undefined }
  /** The trusted logs and timestamp authorities that saw it, by name, and when; absent where none did. */
  readonly witnesses?: readonly Witness[]
}

export interface Witness {
  readonly kind: 'log' | 'timestampAuthority'
  readonly name: string
  /** Undefined where the log tells no time. */
  readonly time: Date | undefined
}

/** The identity of a workflow and its issuer alone can have 300 characters, and both sides must be seen to the end. */
const failureLimit = 800

// What comes from outside is made fit for one line here, once.
export const ok = (step: StepName, note?: string): Step => ({
  step,
  outcome: 'ok',
  ...(note === undefined ? {} : { note: printable(note) }),
})
export const failed = (step: StepName, expected: string, actual: string): Step => ({
  step,
  outcome: 'failed',
  expected: printable(expected, failureLimit),
  actual: printable(actual, failureLimit),
})
export const notChecked = (step: StepName, note: string): Step => ({ step, outcome: 'notChecked', note: printable(note) })

/** `by`: who signed it all the same. */
export const rejected = (fault: Fault, by: Pick<Verdict, 'signer' | 'key'>, ...steps: readonly Step[]): Verdict => ({
  steps,
  verified: false,
  fault,
  signer: by.signer,
  key: by.key,
})

export const nobody: Pick<Verdict, 'signer' | 'key'> = { signer: 'an unknown key', key: undefined }
