import type { BinariesFact } from './facts/binaries.ts'
import type { ConfigFact } from './facts/config.ts'
import type { ImageFact } from './facts/image.ts'
import type { PullSecretFact } from './facts/pull-secret.ts'
import type { SignatureFact } from './facts/signature.ts'

/** Of `velero-plugins/facts/<kind>.json`; older versions stay readable. */
export const schemaVersion = 1

/** What collectors write and analyzers read: a list of items for each kind. */
export interface Facts {
  readonly config: ConfigFact
  readonly image: ImageFact
  readonly pullSecret: PullSecretFact
  readonly binaries: BinariesFact
  readonly signature: SignatureFact
}

export type FactKind = keyof Facts
