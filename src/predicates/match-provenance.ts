import { printable } from '../redact.ts'
import { plainRepository } from './build-source.ts'
import type { Provenance } from './provenance.ts'

/** What a provenance must say; what is absent may be anything. */
export interface ExpectedProvenance {
  /** In full; without `@…`, any version of that builder (`…/generator_container_slsa3.yml`). */
  readonly builderId?: string
  readonly sourceRepository?: string
  readonly sourceRef?: string
  readonly sourceDigest?: string
}

export interface ProvenanceDifference {
  readonly what: 'builder' | 'source repository' | 'source ref' | 'source digest'
  readonly expected: string
  readonly found: string
}

/** Empty: it says all that is expected. What the provenance does not say is a difference, too. */
export const matchProvenance = (provenance: Provenance, expected: ExpectedProvenance): readonly ProvenanceDifference[] => {
  const { source, builderId } = provenance
  const builder = expected.builderId?.includes('@') === false ? builderId.replace(/@[^@]*$/, '') : builderId
  const compared = [
    { what: 'builder', expected: expected.builderId, found: builder },
    {
      what: 'source repository',
      expected: expected.sourceRepository === undefined ? undefined : plainRepository(expected.sourceRepository),
      found: source?.repository,
    },
    { what: 'source ref', expected: expected.sourceRef, found: source?.ref },
    { what: 'source digest', expected: expected.sourceDigest, found: source?.digest },
  ] as const
  return compared.flatMap(({ what, expected, found }) =>
    expected === undefined || expected === found
      ? []
      : [{ what, expected: printable(expected), found: found === undefined ? 'not said' : printable(found) }],
  )
}
