import { plainRepository, sourceOf } from './build-source.ts'
import type { BuildSource, Provenance } from './provenance.ts'
import { asName, asShape, asText, isShape, listOf, optional, type Shape } from './shape.ts'

/** @see https://slsa.dev/spec/v1.1/provenance */
export const readProvenanceV1 = (predicate: unknown): Provenance => {
  const provenance = asShape(predicate, 'the predicate')
  const definition = asShape(provenance.buildDefinition, 'buildDefinition')
  const details = asShape(provenance.runDetails, 'runDetails')
  const builder = asShape(details.builder, 'runDetails.builder')
  const buildType = asName(definition.buildType, 'buildDefinition.buildType')
  const parameters = asShape(definition.externalParameters, 'buildDefinition.externalParameters')
  const dependencies = listOf(definition.resolvedDependencies, 'buildDefinition.resolvedDependencies', asShape)
  return {
    version: 'v1',
    builderId: asName(builder.id, 'runDetails.builder.id'),
    buildType,
    source: sourceIn(parameters, dependencies),
  }
}

/**
 * The source stands in the external parameters, where the build type puts it: as `workflow` (GitHub's), as `source`, or as
 * `configSource` (BuildKit's); its commit there or at the dependency of the same repository. A dependency alone is not the source: a build may resolve
 * many, and nobody says which one was built.
 */
const sourceIn = (parameters: Shape, dependencies: readonly Shape[]): BuildSource | undefined => {
  const written = workflowSource(parameters) ?? namedSource(parameters, 'source') ?? namedSource(parameters, 'configSource')
  if (written === undefined || written.digest !== undefined) return written
  const resolved = dependencies.flatMap((dependency, index) => {
    const place = `buildDefinition.resolvedDependencies[${index}]`
    const uri = optional(dependency.uri, `${place}.uri`, asText)
    const source = uri === undefined ? undefined : sourceOf(uri, optional(dependency.digest, `${place}.digest`, asShape), `${place}.digest`)
    const same =
      source?.repository === written.repository && (source.ref === undefined || written.ref === undefined || source.ref === written.ref)
    return source !== undefined && same ? [source] : []
  })
  const commits = new Set(resolved.map(({ digest }) => digest))
  const [digest] = commits
  return commits.size === 1 && digest !== undefined ? { ...written, digest } : written
}

/** https://actions.github.io/buildtypes/workflow/v1 */
const workflowSource = ({ workflow }: Shape): BuildSource | undefined => {
  if (!isShape(workflow)) return undefined
  const place = 'buildDefinition.externalParameters.workflow'
  const repository = optional(workflow.repository, `${place}.repository`, asText)
  const ref = optional(workflow.ref, `${place}.ref`, asText)
  return repository === undefined ? undefined : { repository: plainRepository(repository), ...(ref === undefined ? {} : { ref }) }
}

/** An address, or a resource descriptor with `uri` and `digest`. */
const namedSource = (parameters: Shape, key: 'source' | 'configSource'): BuildSource | undefined => {
  const place = `buildDefinition.externalParameters.${key}`
  const value = parameters[key]
  if (typeof value === 'string') return sourceOf(asText(value, place), undefined, place)
  if (!isShape(value)) return undefined
  const uri = optional(value.uri, `${place}.uri`, asText)
  return uri === undefined ? undefined : sourceOf(uri, optional(value.digest, `${place}.digest`, asShape), `${place}.digest`)
}
