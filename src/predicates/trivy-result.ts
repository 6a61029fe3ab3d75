import { asList, asName, asShape, asText, listOf, optional, type Shape } from './shape.ts'
import { severityOf, type Vulnerability } from './vulnerability.ts'

/** Trivy's JSON report has its `SchemaVersion` (aquasecurity/trivy 0.68 pkg/types/report.go). */
export const isTrivyResult = (result: Shape): boolean =>
  result.SchemaVersion === 2 && (result.Results !== undefined || 'ArtifactName' in result)

/** Misconfigurations, secrets and licences, which stand beside vulnerabilities, are none. @throws PreflightError PREDICATE_INVALID */
export const readTrivyResult = (result: Shape, place: string): readonly Vulnerability[] =>
  (optional(result.Results, `${place}.Results`, asList) ?? []).flatMap((target, index) => {
    const at = `${place}.Results[${index}]`
    return listOf(asShape(target, at).Vulnerabilities, `${at}.Vulnerabilities`, readOne)
  })

const readOne = (item: unknown, place: string): Vulnerability => {
  const found = asShape(item, place)
  const name = asText(found.PkgName ?? '', `${place}.PkgName`)
  const version = asText(found.InstalledVersion ?? '', `${place}.InstalledVersion`)
  const identifier = optional(found.PkgIdentifier, `${place}.PkgIdentifier`, asShape)
  const purl = optional(identifier?.PURL, `${place}.PkgIdentifier.PURL`, asText)
  const fixedIn = optional(found.FixedVersion, `${place}.FixedVersion`, asText)
  return {
    id: asName(found.VulnerabilityID, `${place}.VulnerabilityID`),
    aliases: listOf(found.VendorIDs, `${place}.VendorIDs`, asText),
    severity: severityOf(optional(found.Severity, `${place}.Severity`, asText)),
    package: `${name}${version === '' ? '' : `@${version}`}`,
    ...(purl === undefined || purl === '' ? {} : { purl }),
    ...(fixedIn === undefined || fixedIn === '' ? {} : { fixedIn }),
  }
}
