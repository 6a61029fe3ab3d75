import type { Sbom } from './sbom.ts'
import { asList, asShape, asText, invalid, optional, type Shape } from './shape.ts'

export const isCycloneDx = (document: Shape): boolean => document.bomFormat === 'CycloneDX'

const maxComponents = 200_000
const maxDepth = 50

/** @throws PreflightError PREDICATE_INVALID */
export const readCycloneDx = (document: Shape): Sbom => {
  const version = asText(document.specVersion, 'specVersion')
  if (!/^1\.\d{1,2}$/.test(version)) throw invalid('specVersion', 'is not a version such as 1.6')
  return { format: 'CycloneDX', version, encoding: 'json', components: countComponents(document.components) }
}

/** Components can hold components. */
const countComponents = (root: unknown): number => {
  let total = 0
  let level = [{ value: root, place: 'components' }]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw invalid('components', `are nested deeper than ${maxDepth} levels`)
    level = level.flatMap(({ value, place }) => {
      const items = optional(value, place, asList) ?? []
      total += items.length
      if (total > maxComponents) throw invalid('components', `are more than ${maxComponents}`)
      return items.flatMap((item, index) => {
        const component = asShape(item, `${place}[${index}]`)
        asText(component.name, `${place}[${index}].name`)
        return component.components === undefined ? [] : [{ value: component.components, place: `${place}[${index}].components` }]
      })
    })
  }
  return total
}
