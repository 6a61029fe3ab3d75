import type { Authority } from './authority.ts'
import { judgeWithCertificate } from './judge-certificate.ts'
import { judgeWithKeys } from './judge-keys.ts'
import type { MadeSignature } from './made-signature.ts'
import type { Step, Verdict } from './verdict.ts'

/**
 * The last steps, the same for every format: somebody trusted made the signature, and what came along to prove it holds.
 *
 * @param steps what was found already, all ok
 */
export const judgeSignature = (made: MadeSignature, authority: Authority, steps: readonly Step[]): Verdict =>
  authority.kind === 'key' ? judgeWithKeys(made, authority, steps) : judgeWithCertificate(made, authority, steps)
