import type { Position } from '../position.ts'
import { asText, type ScalarValue } from './scalar.ts'

/** A YAML tree with aliases and merge keys resolved. An aliased node is shared and has the position of its alias. */
export type YamlNode = YamlMap | YamlList | YamlScalar

export interface YamlMap {
  readonly kind: 'map'
  readonly position: Position
  /** By key as Kubernetes reads it, in the order of the file. */
  readonly entries: ReadonlyMap<string, YamlEntry>
}

export interface YamlEntry {
  readonly key: string
  readonly keyPosition: Position
  readonly value: YamlNode
}

export interface YamlList {
  readonly kind: 'list'
  readonly position: Position
  readonly items: readonly YamlNode[]
}

export interface YamlScalar {
  readonly kind: 'scalar'
  readonly position: Position
  /** The characters, without quotes and escapes. */
  readonly text: string
  /** Quoted or a block (`|`, `>`): always text. */
  readonly quoted: boolean
  readonly value: ScalarValue
}

/** The node at `path` (`'spec', 'plugins', 0`), undefined where there is none. */
export const at = (node: YamlNode | undefined, ...path: readonly (string | number)[]): YamlNode | undefined =>
  path.reduce<YamlNode | undefined>((here, step) => {
    if (here?.kind === 'map' && typeof step === 'string') return here.entries.get(step)?.value
    return here?.kind === 'list' && typeof step === 'number' ? here.items[step] : undefined
  }, node)

/** The node's text where a string is wanted, as Kubernetes coerces numbers and booleans; undefined for maps, lists and null. */
export const textOf = (node: YamlNode | undefined): string | undefined =>
  node?.kind === 'scalar' && node.value !== null ? asText(node.value) : undefined

export type PlainValue = string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue }

/** Plain values, bounded because the tree is. Whole numbers that a double cannot hold become text; objects have no prototype. */
export const toJs = (node: YamlNode): PlainValue => {
  switch (node.kind) {
    case 'scalar':
      if (typeof node.value !== 'bigint') return node.value
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : String(node.value)
    case 'list':
      return node.items.map(toJs)
    case 'map': {
      const object: Record<string, PlainValue> = Object.create(null)
      for (const [key, { value }] of node.entries) object[key] = toJs(value)
      return object
    }
  }
}

/** What a message calls the node: `a list`, `the text "x"`. */
export const describe = (node: YamlNode): string => {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a mapping' : 'a list'
  if (node.value === null) return 'nothing (null)'
  return typeof node.value === 'string' ? 'text' : typeof node.value === 'boolean' ? 'a boolean' : 'a number'
}
