import { sourceOf } from './build-source.ts'
import type { Provenance } from './provenance.ts'
import { asName, asShape, asText, optional } from './shape.ts'

/** @see https://slsa.dev/spec/v0.2/provenance */
export const readProvenanceV02 = (predicate: unknown): Provenance => {
  const provenance = asShape(predicate, 'the predicate')
  const builder = asShape(provenance.builder, 'builder')
  const invocation = optional(provenance.invocation, 'invocation', asShape)
  const config = optional(invocation?.configSource, 'invocation.configSource', asShape)
  const uri = optional(config?.uri, 'invocation.configSource.uri', asText)
  const digests = optional(config?.digest, 'invocation.configSource.digest', asShape)
  return {
    version: 'v0.2',
    builderId: asName(builder.id, 'builder.id'),
    buildType: asName(provenance.buildType, 'buildType'),
    source: uri === undefined ? undefined : sourceOf(uri, digests, 'invocation.configSource.digest'),
  }
}
