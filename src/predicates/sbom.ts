import { isCycloneDx, readCycloneDx } from './cyclonedx.ts'
import { invalid, isShape } from './shape.ts'
import { isSpdxJson, isSpdxTagValue, readSpdxJson, readSpdxTagValue } from './spdx.ts'

/** A software bill of materials, as far as it is looked at. */
export interface Sbom {
  readonly format: 'SPDX' | 'CycloneDX'
  /** Of the format, as in `2.3` or `1.6`. */
  readonly version: string
  readonly encoding: 'json' | 'tag-value'
  /** Packages or components that it lists, each as often as it is listed. */
  readonly components: number
}

/**
 * What kind of SBOM the predicate is. cosign puts the file in as it was given: as JSON, or as a text where it is none.
 *
 * @throws PreflightError PREDICATE_INVALID
 */
export const readSbom = (predicate: unknown): Sbom => {
  if (typeof predicate === 'string') return readText(predicate)
  if (!isShape(predicate)) throw invalid('the SBOM', 'is neither an object nor a text')
  if (isSpdxJson(predicate)) return readSpdxJson(predicate)
  if (isCycloneDx(predicate)) return readCycloneDx(predicate)
  throw invalid('the SBOM', 'is neither SPDX nor CycloneDX')
}

const readText = (text: string): Sbom => {
  if (isSpdxTagValue(text)) return readSpdxTagValue(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('the SBOM', 'is a text that is neither JSON nor SPDX tag-value')
  }
  if (isShape(value)) return readSbom(value)
  throw invalid('the SBOM', 'is a text with JSON that is no object')
}
