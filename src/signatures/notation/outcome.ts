import type { Action, Check, LevelName } from '../../policy/notation/verification-level.ts'
import { printable } from '../../redact.ts'
import type { SignedTarget } from './payload.ts'
import type { SigningScheme } from './signed-attributes.ts'

/**
 * What is said of one signature of notation. Only `verified` is a pass: `skipped` says that the policy asks for no signature of
 * this image, and nothing was looked at.
 */
export interface NotationOutcome {
  readonly verdict: 'verified' | 'failed' | 'skipped'
  /** The statement of the trust policy that decided; undefined when there is none for the image. */
  readonly statement: string | undefined
  readonly level: LevelName | 'custom' | undefined
  /** In notation's order, all of them: those after a failure too, as far as they can be made. */
  readonly steps: readonly NotationStep[]
  /** What the envelope says; proven as far as `integrity` is, and no further. Undefined when it could not be opened. */
  readonly claim: NotationClaim | undefined
}

/**
 * `policy`: there is a statement for the image; `artifact`: the signature is of this image; `userMetadata`: the annotations that
 * were asked for are signed. These three are always enforced, whatever the level; the others as the policy says.
 */
export type NotationCheck = 'policy' | Check | 'artifact' | 'userMetadata'

export interface NotationStep extends Finding {
  readonly check: NotationCheck
  readonly action: Action
}

export interface Finding {
  /** `notChecked`: what it needs is not there, or it was not asked for. Not a pass. */
  readonly result: 'ok' | 'failed' | 'notChecked'
  readonly error?: { readonly expected: string; readonly actual: string }
  readonly note?: string
}

export interface NotationClaim {
  readonly target: SignedTarget
  readonly scheme: SigningScheme
  /** Milliseconds since 1970. */
  readonly signingTime: number
  readonly expiry: number | undefined
  readonly signingAgent: string | undefined
  /** Leaf first. */
  readonly chain: readonly CertificateSummary[]
  /** Of a timestamp that was verified. */
  readonly timestamp?: { readonly time: number; readonly accuracyMs: number; readonly authority: string }
}

export interface CertificateSummary {
  readonly subject: string
  readonly issuer: string
  /** SHA-256 of the certificate in hex. */
  readonly fingerprint: string
  readonly notBefore: number
  readonly notAfter: number
}

// What comes from outside is made fit for one line here, once.
export const ok = (note?: string): Finding => ({ result: 'ok', ...(note === undefined ? {} : { note: line(note) }) })
export const failed = (expected: string, actual: string): Finding => ({
  result: 'failed',
  error: { expected: line(expected), actual: line(actual) },
})
export const notChecked = (expected: string, actual: string): Finding => ({
  result: 'notChecked',
  error: { expected: line(expected), actual: line(actual) },
})
/** Not asked for, or senseless after what failed before. */
export const notMade = (note: string): Finding => ({ result: 'notChecked', note: line(note) })

const line = (text: string): string => printable(text, 500)

/** Whether the step lets the signature count: a check that is enforced and could not be made does not. */
export const passes = ({ action, result }: NotationStep): boolean => action !== 'enforced' || result === 'ok'
