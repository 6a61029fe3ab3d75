import { readProvenanceV1 } from './provenance-v1.ts'
import { readProvenanceV02 } from './provenance-v02.ts'
import { invalid } from './shape.ts'

/** What an SLSA provenance says of how the image was made, as far as a policy compares it. */
export interface Provenance {
  readonly version: 'v0.2' | 'v1'
  readonly builderId: string
  readonly buildType: string
  /** Undefined when the provenance does not name it in a form that is known. */
  readonly source: BuildSource | undefined
}

export interface BuildSource {
  /** As in `https://github.com/acme/plugin`. */
  readonly repository: string
  /** As in `refs/tags/v1.0.0`. */
  readonly ref?: string
  /** Hex of the commit. */
  readonly digest?: string
}

const versions = new Map([
  ['https://slsa.dev/provenance/v0.2', readProvenanceV02],
  ['https://slsa.dev/provenance/v1', readProvenanceV1],
])

/** @throws PreflightError PREDICATE_INVALID, also for versions that are not known */
export const readProvenance = (predicateType: string, predicate: unknown): Provenance => {
  const read = versions.get(predicateType)
  if (read === undefined)
    throw invalid(`the provenance ${predicateType}`, `is of no version that is read: ${[...versions.keys()].join(', ')}`)
  return read(predicate)
}
