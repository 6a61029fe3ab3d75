import { printable } from '../redact.ts'
import { describe, errorAt, type SourceText, type YamlEntry, type YamlMap, type YamlNode } from '../yaml-source.ts'

/** A Go type, as far as encoding/json looks at it when it decodes a Config. */
export type Shape =
  | 'text'
  | 'boolean'
  | 'whole number'
  | 'time'
  | 'duration'
  | { readonly list: Shape }
  | { readonly mapping: Shape }
  /** `go`: the type's name, as Go's messages have it. */
  | { readonly fields: Readonly<Record<string, Shape>>; readonly go?: string }

/**
 * Go's encoding/json finds fields whatever their case, also with the letters that Unicode folds into ASCII (ſ, K).
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */
export const fold = (key: string): string => key.replaceAll('ſ', 's').replaceAll('\u212a', 'k').toLowerCase()

/** The entry that Embedded Cluster reads as `field`. */
export const entryOf = (map: YamlNode | undefined, field: string): YamlEntry | undefined => {
  if (map?.kind !== 'map') return undefined
  return map.entries.get(field) ?? [...map.entries.values()].find(({ key }) => fold(key) === fold(field))
}

/** Is it nothing at all: Go leaves the field as it is. */
export const isNull = (node: YamlNode | undefined): boolean => node === undefined || (node.kind === 'scalar' && node.value === null)

/**
 * Refuses what Embedded Cluster's decoding refuses.
 * @throws PreflightError CONFIG_INVALID at the value, or at a field that is written twice
 */
export const requireShape = (node: YamlNode, shape: Shape, path: string, source: SourceText): void => {
  if (isNull(node)) return
  const expected = mismatch(node, shape)
  if (expected !== undefined) {
    const what = `${path || 'the Config'} must be ${expected}, not ${describe(node)}`
    throw errorAt(source, 'CONFIG_INVALID', node.position, what)
  }
  if (typeof shape === 'string') return
  if (node.kind === 'list' && 'list' in shape) {
    for (const [index, item] of node.items.entries()) requireShape(item, shape.list, `${path}[${index}]`, source)
  }
  if (node.kind === 'map') requireFields(node, shape, path, source)
}

/** What was expected instead of `node`. */
const mismatch = (node: YamlNode, shape: Shape): string | undefined => {
  if (typeof shape === 'string') return fitsScalar(node, shape) ? undefined : scalarWords[shape]
  const kind = 'list' in shape ? 'list' : 'map'
  return node.kind === kind ? undefined : kind === 'list' ? 'a list' : 'a mapping'
}

const requireFields = (map: YamlMap, shape: Exclude<Shape, string>, path: string, source: SourceText): void => {
  if ('fields' in shape) refuseTwice(map, path, source)
  for (const { key, value } of map.entries.values()) {
    const inner = 'fields' in shape ? shapeOfField(shape.fields, key) : 'mapping' in shape ? shape.mapping : undefined
    if (inner !== undefined) requireShape(value, inner, `${path === '' ? '' : `${path}.`}${printable(key, 60)}`, source)
  }
}

export const shapeOfField = (fields: Readonly<Record<string, Shape>>, key: string): Shape | undefined =>
  Object.hasOwn(fields, key) ? fields[key] : Object.entries(fields).find(([name]) => fold(name) === fold(key))?.[1]

const refuseTwice = (map: YamlMap, path: string, source: SourceText): void => {
  const seen = new Map<string, string>()
  for (const { key, keyPosition } of map.entries.values()) {
    const first = seen.get(fold(key))
    if (first !== undefined) {
      const what = `${path === '' ? 'the Config' : path} has the field ${printable(first)} twice, here as ${printable(key)}`
      throw errorAt(source, 'CONFIG_INVALID', keyPosition, what)
    }
    seen.set(fold(key), key)
  }
}

const scalarWords = {
  text: 'text',
  boolean: 'true or false',
  'whole number': 'a whole number',
  time: 'a time such as 2026-01-31T12:00:00Z',
  duration: 'a duration such as 10m30s',
} as const

export const goDuration = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/

/** Numbers and booleans are taken where text is wanted (sigs.k8s.io/yaml), text never where they are. */
export const fitsScalar = (node: YamlNode, shape: keyof typeof scalarWords): boolean => {
  if (node.kind !== 'scalar') return false
  const { value } = node
  switch (shape) {
    case 'text':
      return true
    case 'boolean':
      return typeof value === 'boolean'
    case 'whole number':
      return isInt64(value)
    case 'time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)
    case 'duration':
      return isInt64(value) || (typeof value === 'string' && value.length < 1000 && goDuration.test(value))
  }
}

const isInt64 = (value: unknown): boolean =>
  (typeof value === 'bigint' && value < 2n ** 63n) || (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63)
