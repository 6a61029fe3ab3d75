import { asName, asShape, asText, isShape, listOf, optional, type Shape } from './shape.ts'
import { severityOf, type Vulnerability } from './vulnerability.ts'

/** Grype's JSON report names its maker (anchore/grype 0.104 grype/presenter/models/document.go). */
export const isGrypeResult = (result: Shape): boolean =>
  Array.isArray(result.matches) && isShape(result.descriptor) && result.descriptor.name === 'grype'

/** What its user told grype to ignore stands in `ignoredMatches` and is not counted. @throws PreflightError PREDICATE_INVALID */
export const readGrypeResult = (result: Shape, place: string): readonly Vulnerability[] =>
  listOf(result.matches, `${place}.matches`, readOne)

const readOne = (item: unknown, place: string): Vulnerability => {
  const match = asShape(item, place)
  const found = asShape(match.vulnerability, `${place}.vulnerability`)
  const artifact = asShape(match.artifact, `${place}.artifact`)
  const purl = optional(artifact.purl, `${place}.artifact.purl`, asText)
  const fix = optional(found.fix, `${place}.vulnerability.fix`, asShape)
  const [fixedIn] = listOf(fix?.versions, `${place}.vulnerability.fix.versions`, asText)
  const version = asText(artifact.version ?? '', `${place}.artifact.version`)
  return {
    id: asName(found.id, `${place}.vulnerability.id`),
    aliases: listOf(match.relatedVulnerabilities, `${place}.relatedVulnerabilities`, (related, at) =>
      asName(asShape(related, at).id, `${at}.id`),
    ),
    severity: severityOf(optional(found.severity, `${place}.vulnerability.severity`, asText)),
    package: `${asText(artifact.name ?? '', `${place}.artifact.name`)}${version === '' ? '' : `@${version}`}`,
    ...(purl === undefined || purl === '' ? {} : { purl }),
    ...(fixedIn === undefined ? {} : { fixedIn }),
  }
}
