import type { YamlNode, YamlScalar } from '../../yaml-source.ts'
import { configShape } from '../config-shape.ts'
import { fitsScalar, fold, goDuration, isNull, type Shape, shapeOfField } from '../shape.ts'
import { goQuote } from './go-text.ts'

/** Where Go's decoder is: the innermost struct and the fields on the way. */
interface Place {
  readonly struct: string
  readonly fields: readonly string[]
}

interface Fault {
  readonly message: string
  /** Of a type that decodes itself: it ends all, and is told before what was found earlier. */
  readonly final: boolean
}

/**
 * The error of Go's encoding/json when it decodes a document as a Config, after sigs.k8s.io/yaml has made it JSON, whose keys
 * are sorted; undefined: it can. The decoder goes on after a value of another type, and tells of the first.
 */
export const decodeError = (root: YamlNode | undefined): string | undefined => {
  const faults = root === undefined ? [] : faultsIn(root, configShape, { struct: '', fields: [] })
  const fault = faults.find(({ final }) => final) ?? faults[0]
  return fault === undefined ? undefined : `error unmarshaling JSON: while decoding JSON: ${fault.message}`
}

const faultsIn = (node: YamlNode, shape: Shape, place: Place): readonly Fault[] => {
  if (isNull(node)) return []
  if (typeof shape === 'string') return scalarFaults(node, shape, place)
  if (node.kind !== ('list' in shape ? 'list' : 'map'))
    return [{ message: typeError(kindOf(node), goType(shape, place), place), final: false }]
  if (node.kind === 'list' && 'list' in shape) return node.items.flatMap(item => faultsIn(item, shape.list, place))
  if (node.kind !== 'map') return []
  const entries = [...node.entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return entries.flatMap(({ key, value }) => {
    if ('mapping' in shape) return faultsIn(value, shape.mapping, place)
    const inner = 'fields' in shape ? shapeOfField(shape.fields, key) : undefined
    return inner === undefined || !('fields' in shape) ? [] : faultsIn(value, inner, below(place, shape, key))
  })
}

/** Two of a Config's fields are those of the struct TypeMeta that is embedded in it. */
const below = ({ fields }: Place, shape: Extract<Shape, { readonly fields: unknown }>, key: string): Place => {
  const name = Object.keys(shape.fields).find(field => fold(field) === fold(key)) ?? key
  const embedded = fields.length === 0 && (name === 'apiVersion' || name === 'kind') ? ['TypeMeta'] : []
  return { struct: (shape.go ?? '').replace(/^.*\./, ''), fields: [...fields, ...embedded, name] }
}

const scalarFaults = (node: YamlNode, shape: Extract<Shape, string>, place: Place): readonly Fault[] => {
  const kind = kindOf(node)
  // sigs.k8s.io/yaml makes texts of numbers where it finds a text field, and finds none in a struct that is embedded.
  const uncoerced = place.fields[0] === 'TypeMeta' && kind !== 'string'
  if (fitsScalar(node, shape) && !uncoerced) return []
  const final = shape === 'duration' || shape === 'time'
  if (node.kind === 'scalar' && typeof node.value === 'string' && (shape === 'duration' || shape === 'time'))
    return [{ message: textError(node, shape), final }]
  const literal = node.kind === 'scalar' && shape === 'whole number' && kind === 'number' ? ` ${Number(node.value)}` : ''
  return [{ message: typeError(`${kind}${literal}`, goType(shape, place), place), final }]
}

const textError = ({ text }: YamlScalar, shape: 'duration' | 'time'): string => {
  if (shape === 'time') return `parsing time ${goQuote(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(text)} as "2006"`
  // time.ParseDuration: a sign, then numbers with a unit each; the first part that is neither is told.
  const units = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?=[\d.]|$))*/.exec(text)?.[0].length ?? 0
  const unit = /^(?:\d+\.?\d*|\.\d+)([^\d.]*)/.exec(text.slice(units))?.[1]
  if (unit === undefined) return `time: invalid duration ${goQuote(text)}`
  if (unit === '') return `time: missing unit in duration ${goQuote(text)}`
  const known = goDuration.test(`1${unit}`)
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
