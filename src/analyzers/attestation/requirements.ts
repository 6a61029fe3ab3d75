import type { AttestationRule } from '../../policy/attestation-rule.ts'
import type { ExpectedProvenance } from '../../predicates/match-provenance.ts'
import { fullPredicateType, matchPredicateType, predicateShortNames } from '../../predicates/predicate-types.ts'
import { printable } from '../../redact.ts'

/** One attestation that the user requires of every image. */
export interface Requirement {
  /** As in `spdxjson (https://spdx.dev/Document)`. */
  readonly name: string
  /** As `cosign attest` takes it. */
  readonly type: string
  /** Any of them fulfils it. */
  readonly types: readonly string[]
  /** What a provenance has to say. */
  readonly provenance?: ExpectedProvenance
}

const { slsaprovenance, slsaprovenance1 } = predicateShortNames as Readonly<Record<'slsaprovenance' | 'slsaprovenance1', string>>
const provenanceTypes = [slsaprovenance1, slsaprovenance]

/** Who says how the image must have been built wants a provenance, of either version where none is named. */
export const requirementsOf = ({ types, provenance }: AttestationRule): readonly Requirement[] => {
  const named = [...new Set(types)].map((type): Requirement => {
    const full = fullPredicateType(type)
    const expected = provenance !== undefined && provenanceTypes.includes(full) ? { provenance } : {}
    return { name: full === type ? printable(type, 120) : `${type} (${full})`, type: printable(type, 120), types: [full], ...expected }
  })
  if (provenance === undefined || named.some(one => one.provenance !== undefined)) return named
  return [...named, { name: 'SLSA provenance', type: 'slsaprovenance1', types: provenanceTypes, provenance }]
}

export const fulfils = ({ types }: Requirement, predicateType: string | undefined): boolean =>
  predicateType !== undefined && types.some(type => matchPredicateType(type, predicateType) !== undefined)
