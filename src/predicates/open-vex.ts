import { asList, asName, asShape, asText, asTime, invalid, isShape, listOf, optional, type Shape } from './shape.ts'

const statuses = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const
export type VexStatus = (typeof statuses)[number]

/** What a statement of OpenVEX says. */
export interface VexStatement {
  /** Every name of the vulnerability. */
  readonly vulnerabilities: readonly string[]
  /** Undefined: what the document is attested for. */
  readonly products: readonly VexProduct[] | undefined
  readonly status: VexStatus
  /** Why it is not affected, or what to do, in the author's words. */
  readonly reason: string
  readonly at: Date
}

export interface VexProduct {
  /** Package URLs and other names. */
  readonly ids: readonly string[]
  /** `sha256:<hex>` */
  readonly digests: readonly string[]
  /** Parts of it that the statement is about; empty: all of it. */
  readonly subcomponents: readonly string[]
}

export interface OpenVex {
  readonly author: string
  readonly statements: readonly VexStatement[]
}

const context = /^https:\/\/openvex\.dev\/ns(?:\/v\d+(?:\.\d+)*)?$/

/**
 * An OpenVEX document, 0.0.1 or 0.2.0.
 *
 * @throws PreflightError PREDICATE_INVALID, also for "not affected" without the reason that the specification requires
 * @see https://github.com/openvex/spec/blob/v0.2.0/OPENVEX-SPEC.md
 */
export const readOpenVex = (predicate: unknown): OpenVex => {
  const document = asShape(predicate, 'the OpenVEX document')
  if (!context.test(asText(document['@context'], '@context'))) throw invalid('@context', 'is not that of OpenVEX')
  const at = optional(document.timestamp, 'timestamp', asTime)
  return {
    author: asName(document.author, 'author'),
    statements: asList(document.statements, 'statements').map((item, index) => readStatement(item, `statements[${index}]`, at)),
  }
}

const readStatement = (item: unknown, place: string, documentAt: Date | undefined): VexStatement => {
  const statement = asShape(item, place)
  const written = asText(statement.status, `${place}.status`)
  const status = statuses.find(one => one === written)
  if (status === undefined) throw invalid(`${place}.status`, `is none of ${statuses.join(', ')}`)
  const text = (key: string) => optional(statement[key], `${place}.${key}`, asText) ?? ''
  const reason = [text('justification'), text('impact_statement'), text('action_statement')].filter(part => part !== '').join(': ')
  if (status === 'not_affected' && reason === '') throw invalid(place, 'says not_affected without a justification or impact_statement')
  const at = optional(statement.timestamp, `${place}.timestamp`, asTime) ?? documentAt
  if (at === undefined) throw invalid(place, 'has no timestamp, nor has the document')
  const products = optional(statement.products, `${place}.products`, asList)
  return {
    vulnerabilities: namesOf(statement.vulnerability, `${place}.vulnerability`),
    products: products?.map((product, index) => readProduct(product, `${place}.products[${index}]`, statement.subcomponents)),
    status,
    reason,
    at,
  }
}

/** A text in 0.0.1, else an object with a name. */
const namesOf = (value: unknown, place: string): readonly string[] => {
  if (typeof value === 'string') return [asName(value, place)]
  const vulnerability = asShape(value, place)
  const name = optional(vulnerability.name, `${place}.name`, asText)
  const id = optional(vulnerability['@id'], `${place}.@id`, asText)
  const names = [name, id, ...listOf(vulnerability.aliases, `${place}.aliases`, asText)].filter(one => one !== undefined && one !== '')
  if (names.length === 0) throw invalid(place, 'has no name')
  return names as readonly string[]
}

/** In 0.0.1 a text, with the subcomponents beside the products. */
const readProduct = (value: unknown, place: string, subcomponents: unknown): VexProduct => {
  if (typeof value === 'string')
    return { ids: [asName(value, place)], digests: [], subcomponents: listOf(subcomponents, `${place}: subcomponents`, asName) }
  const product = asShape(value, place)
  const ids = idsOf(product, place)
  const digests = digestsOf(product, place)
  if (ids.length + digests.length === 0) throw invalid(place, 'names no product')
  return { ids, digests, subcomponents: listOf(product.subcomponents, `${place}.subcomponents`, readSubcomponent).flat() }
}

const readSubcomponent = (value: unknown, place: string): readonly string[] => {
  const ids = idsOf(asShape(value, place), place)
  // One that is known by its hash alone can be none of a scanner's packages, and must not become "all of it".
  return ids.length === 0 ? [''] : ids
}

const idsOf = (component: Shape, place: string): readonly string[] => {
  const id = optional(component['@id'], `${place}.@id`, asText)
  const purl = isShape(component.identifiers) ? optional(component.identifiers.purl, `${place}.identifiers.purl`, asText) : undefined
  return [id, purl].filter(one => one !== undefined && one !== '') as readonly string[]
}

const digestsOf = (component: Shape, place: string): readonly string[] => {
  const hashes = optional(component.hashes, `${place}.hashes`, asShape)
  const hex = optional(hashes?.['sha-256'] ?? hashes?.sha256, `${place}.hashes.sha-256`, asText)
  return hex === undefined ? [] : [`sha256:${hex.toLowerCase()}`]
}
