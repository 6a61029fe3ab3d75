import type { Sbom } from './sbom.ts'
import { asList, asShape, asText, invalid, listOf, optional, type Shape } from './shape.ts'

const contextOf3 = /^https:\/\/spdx\.org\/rdf\/(3\.\d+(?:\.\d+)?)\//

/** SPDX 2.2 and 2.3 in JSON, and 3 in JSON-LD. */
export const isSpdxJson = (document: Shape): boolean =>
  document.spdxVersion !== undefined || (typeof document['@context'] === 'string' && contextOf3.test(document['@context']))

/** @throws PreflightError PREDICATE_INVALID */
export const readSpdxJson = (document: Shape): Sbom => {
  if (document.spdxVersion === undefined) return readSpdx3(document)
  const version = versionOf(asText(document.spdxVersion, 'spdxVersion'))
  if (document.SPDXID !== 'SPDXRef-DOCUMENT') throw invalid('SPDXID', 'is not SPDXRef-DOCUMENT, as of every SPDX document')
  const packages = optional(document.packages, 'packages', asList) ?? []
  for (const [index, item] of packages.entries()) asText(asShape(item, `packages[${index}]`).name, `packages[${index}].name`)
  return { format: 'SPDX', version, encoding: 'json', components: packages.length }
}

const readSpdx3 = (document: Shape): Sbom => {
  const [, version = ''] = contextOf3.exec(asText(document['@context'], '@context')) ?? []
  const elements = listOf(document['@graph'], '@graph', asShape)
  if (!elements.some(({ type }) => type === 'SpdxDocument')) throw invalid('@graph', 'has no SpdxDocument')
  return { format: 'SPDX', version, encoding: 'json', components: elements.filter(({ type }) => type === 'software_Package').length }
}

const versionOf = (text: string): string => {
  const version = /^SPDX-(\d+\.\d+)$/.exec(text)?.[1]
  if (version === undefined) throw invalid('the SPDX version', 'is not written as SPDX-2.3')
  return version
}

const tagLine = /^[ \t]*([A-Za-z]+):(.*)$/gm

/** SPDX 2.3 Annex E: lines `Tag: value`, the version among the first. */
export const isSpdxTagValue = (text: string): boolean => /^(?:[ \t]*(?:#.*)?\r?\n){0,200}[ \t]*SPDXVersion:/.test(text.slice(0, 64 * 1024))

/** @throws PreflightError PREDICATE_INVALID */
export const readSpdxTagValue = (text: string): Sbom => {
  let version = ''
  let components = 0
  // What stands between <text> and </text> is prose, and may look like tags.
  for (const [, tag, value = ''] of withoutProse(text).matchAll(tagLine)) {
    if (tag === 'SPDXVersion' && version === '') version = versionOf(value.trim())
    if (tag === 'PackageName') components += 1
  }
  return { format: 'SPDX', version, encoding: 'tag-value', components }
}

const withoutProse = (text: string): string => {
  const parts: string[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('<text>', at)
    if (start < 0) return [...parts, text.slice(at)].join('')
    parts.push(text.slice(at, start))
    const end = text.indexOf('</text>', start)
    if (end < 0) throw invalid('the SPDX document', 'has a <text> that does not end')
    at = end + '</text>'.length
  }
}
