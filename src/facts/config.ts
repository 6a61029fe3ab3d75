export type { Position } from '../position.ts'

export interface ConfigFact {
  readonly ok: true
}
