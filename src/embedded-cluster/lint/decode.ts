import type { YamlNode, YamlScalar } from '../../yaml-source.ts'
import { configShape } from '../config-shape.ts'
import { fitsScalar, fold, goDuration, isNull, type Shape, shapeOfField } from '../shape.ts'
import { goQuote } from './go-text.ts'

/** Where Go's decoder is: the innermost struct and the fields on the way. */
interface Place {
  readonly struct: string
  readonly fields: readonly string[]
}

/**
 * The error of Go's encoding/json when it decodes a document as a Config, after sigs.k8s.io/yaml has made it JSON, whose keys
 * are sorted; undefined: it can. The decoder goes on after a value of another type, and tells of the first.
 */
export const decodeError = (root: YamlNode | undefined): string | undefined => {
  const error = root === undefined ? undefined : errorIn(root, configShape, { struct: '', fields: [] })
  return error === undefined ? undefined : `error unmarshaling JSON: while decoding JSON: ${error}`
}

const errorIn = (node: YamlNode, shape: Shape, place: Place): string | undefined => {
  if (isNull(node)) return undefined
  if (typeof shape === 'string') return scalarError(node, shape, place)
  if (node.kind !== ('list' in shape ? 'list' : 'map')) return typeError(kindOf(node), goType(shape, place), place)
  if (node.kind === 'list' && 'list' in shape) return first(node.items, item => errorIn(item, shape.list, place))
  if (node.kind !== 'map') return undefined
  const entries = [...node.entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return first(entries, ({ key, value }) => {
    if ('mapping' in shape) return errorIn(value, shape.mapping, place)
    const inner = 'fields' in shape ? shapeOfField(shape.fields, key) : undefined
    return inner === undefined || !('fields' in shape) ? undefined : errorIn(value, inner, below(place, shape, key))
  })
}

const first = <T>(items: readonly T[], errorOf: (item: T) => string | undefined): string | undefined => {
  for (const item of items) {
    const error = errorOf(item)
    if (error !== undefined) return error
  }
  return undefined
}

/** Two of a Config's fields are those of the struct TypeMeta that is embedded in it. */
const below = ({ fields }: Place, shape: Extract<Shape, { readonly fields: unknown }>, key: string): Place => {
  const name = Object.keys(shape.fields).find(field => fold(field) === fold(key)) ?? key
  const embedded = fields.length === 0 && (name === 'apiVersion' || name === 'kind') ? ['TypeMeta'] : []
  return { struct: (shape.go ?? '').replace(/^.*\./, ''), fields: [...fields, ...embedded, name] }
}

const scalarError = (node: YamlNode, shape: Extract<Shape, string>, place: Place): string | undefined => {
  if (fitsScalar(node, shape)) return undefined
  const kind = kindOf(node)
  if (node.kind === 'scalar' && typeof node.value === 'string' && (shape === 'duration' || shape === 'time')) return textError(node, shape)
  const literal = node.kind === 'scalar' && shape === 'whole number' && kind === 'number' ? ` ${Number(node.value)}` : ''
  return typeError(`${kind}${literal}`, goType(shape, place), place)
}

const textError = ({ text }: YamlScalar, shape: 'duration' | 'time'): string => {
  if (shape === 'time') return `parsing time ${goQuote(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(text)} as "2006"`
  const unit = /^[-+]?(?:\d+\.?\d*|\.\d+)(\D*)/.exec(text)?.[1]
  if (unit === '') return `time: missing unit in duration ${goQuote(text)}`
  const known = unit === undefined || goDuration.test(`1${unit}`) || text.startsWith('+') || unit.includes('.')
  return known ? `time: invalid duration ${goQuote(text)}` : `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`
}

const typeError = (value: string, type: string, { struct, fields }: Place): string =>
  fields.length === 0
    ? `json: cannot unmarshal ${value} into Go value of type ${type}`
    : `json: cannot unmarshal ${value} into Go struct field ${struct}.${fields.join('.')} of type ${type}`

const kindOf = (node: YamlNode): string => {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'array' : 'object'
  if (typeof node.value === 'boolean') return 'bool'
  return typeof node.value === 'string' ? 'string' : 'number'
}

const goType = (shape: Shape, place: Place): string => {
  if (shape === 'boolean') return 'bool'
  if (shape === 'whole number') return place.struct === 'ObjectMeta' ? 'int64' : 'int'
  if (typeof shape === 'string') return 'string'
  if ('list' in shape) return `[]${goType(shape.list, place)}`
  return 'mapping' in shape ? `map[string]${goType(shape.mapping, place)}` : (shape.go ?? 'struct')
}
