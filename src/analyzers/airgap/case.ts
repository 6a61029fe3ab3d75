import type { AirgapFact } from '../../facts/airgap.ts'
import type { Finding } from '../../outcome.ts'
import { type AirgapCode, airgapCodes } from './codes.ts'

export interface AirgapCase {
  /** All three printable. */
  readonly name: string
  readonly image: string
  /** What the node looks for. */
  readonly wanted: string
  readonly fact: Extract<AirgapFact, { ok: true }>
}

export const finding = (code: AirgapCode, message: string, evidence: readonly string[] = []): Finding => ({
  status: airgapCodes[code].status,
  code,
  message,
  ...(evidence.length === 0 ? {} : { evidence }),
})
