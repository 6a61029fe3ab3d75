import type { PublicKey } from '../policy/keys.ts'
import { printable } from '../redact.ts'

/** A key that the user trusts. */
export interface TrustedPublicKey extends PublicKey {
  /** The file, for messages. */
  readonly name: string
}

/**
 * In this order, until one fails that the next rest on:
 * `format`: the bytes are what they say they are; `purpose`: it is a signature of an image, not an attestation or something else;
 * `image`: it was made for this image; `signature`: one of the trusted keys made it; `logEntry`: the log entry that it brings is
 * about this signature; `logInclusion`, `timestamp`: need a trusted root.
 */
export type StepName = 'format' | 'purpose' | 'image' | 'signature' | 'logEntry' | 'logInclusion' | 'timestamp'

export interface Step {
  readonly step: StepName
  readonly outcome: 'ok' | 'failed' | 'notChecked'
  readonly expected?: string
  readonly actual?: string
  readonly note?: string
}

/**
 * Why a candidate does not count. `altered`: its own key, or a trusted one that it names, does not verify it;
 * `otherKey`: none of the trusted keys made it; `nobodyTrusted`: no key was given.
 */
export type Fault = 'malformed' | 'notASignature' | 'otherImage' | 'nobodyTrusted' | 'otherKey' | 'altered' | 'logEntry'

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
}

// What comes from outside is made fit for one line here, once.
export const ok = (step: StepName, note?: string): Step => ({
  step,
  outcome: 'ok',
  ...(note === undefined ? {} : { note: printable(note) }),
})
export const failed = (step: StepName, expected: string, actual: string): Step => ({
  step,
  outcome: 'failed',
  expected: printable(expected),
  actual: printable(actual),
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
