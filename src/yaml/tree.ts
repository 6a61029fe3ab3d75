import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml'
import type { PreflightError } from '../errors.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { describe, type YamlEntry, type YamlNode, type YamlScalar } from './node.ts'
import { asText, resolvePlain, type ScalarValue } from './scalar.ts'
import { errorAt, type SourceText } from './source-text.ts'

/** Nodes that aliases and merge keys may add to a document: far more than anyone writes, far fewer than an explosion. */
const maxAliased = 10_000
/** go-yaml v2 (decode.go, allowedAliasRatio) gives up above this part of a document of more than 1,000 nodes. */
const maxAliasedPart = 0.99

/** Takes what is otherwise refused, and hears of it. */
export interface Lenience {
  /** A key that is set again; the later value stays. `key` is text where a merge key brought it. */
  readonly twice?: (key: ScalarValue, value: YamlNode) => void
  /** A key that is a mapping, a list or null; its entry is left out. */
  readonly strangeKey?: (key: YamlNode, value: YamlNode) => void
  /** Whether the entry of a key is left out, and so never is one that is set again. */
  readonly leaveOut?: (key: ScalarValue) => boolean
  /** Numbers that JSON cannot hold are no mistake. */
  readonly anyNumber?: true
}

interface Building {
  readonly source: SourceText
  readonly lenience: Lenience
  /** Nodes under each anchor, with how many they would be if written out. */
  readonly anchors: Map<string, { readonly node: YamlNode; readonly size: number } | 'open'>
  /** Nodes so far that are written, and that come from aliases. */
  written: number
  aliased: number
}

type Sized = readonly [node: YamlNode, size: number]

/** The document's tree. @throws PreflightError YAML_INVALID: duplicate keys, unknown or too many aliases, bad merge keys or tags */
export const buildTree = (root: Node, source: SourceText, lenience: Lenience = {}): YamlNode =>
  build(root, { source, lenience, anchors: new Map(), written: 1, aliased: 0 })[0]

const build = (node: Node | null, state: Building): Sized => {
  state.written += 1
  if (isAlias(node)) return buildAlias(node.source, offsetOf(node), state)
  const anchor = node !== null && 'anchor' in node ? node.anchor : undefined
  if (anchor !== undefined) {
    if (!/^[\w-]+$/.test(anchor))
      throw wrong(state, offsetOf(node), `the anchor &${printable(anchor)} may have only letters, digits, - and _`)
    state.anchors.set(anchor, 'open')
  }
  const built = isMap<Node, Node | null>(node)
    ? buildMap(node.items, offsetOf(node), state)
    : isSeq<Node>(node)
      ? buildList(node.items, offsetOf(node), state)
      : buildScalar(node, state)
  if (anchor !== undefined) state.anchors.set(anchor, { node: built[0], size: built[1] })
  return built
}

const offsetOf = (node: Node | null): number => node?.range?.[0] ?? 0
const wrong = (state: Building, offset: number, what: string): PreflightError =>
  errorAt(state.source, 'YAML_INVALID', state.source.position(offset), what)

const buildAlias = (name: string, offset: number, state: Building): Sized => {
  const anchored = state.anchors.get(name)
  if (anchored === undefined) throw wrong(state, offset, `the alias *${printable(name)} names an anchor that is not set before it`)
  if (anchored === 'open') throw wrong(state, offset, `the alias *${printable(name)} stands inside the value that it names`)
  state.aliased += anchored.size
  const total = state.written + state.aliased
  if (state.aliased > maxAliased || (total > 1000 && state.aliased / total > maxAliasedPart))
    throw wrong(state, offset, `the aliases of this document add up to ${state.aliased} nodes, as an attack would: write the values out`)
  return [{ ...anchored.node, position: state.source.position(offset) }, anchored.size + 1]
}

const buildList = (items: readonly Node[], offset: number, state: Building): Sized => {
  const built = items.map(item => build(item, state))
  return [{ kind: 'list', position: state.source.position(offset), items: built.map(([node]) => node) }, sum(built)]
}

const sum = (all: readonly Sized[]) => all.reduce((total, [, size]) => total + size, 1)

const buildMap = (pairs: readonly Pair<Node, Node | null>[], offset: number, state: Building): Sized => {
  const entries = new Map<string, YamlEntry>()
  const { twice, strangeKey, leaveOut } = state.lenience
  const add = (entry: YamlEntry, key: ScalarValue, place: number) => {
    const first = entries.get(entry.key)
    if (first !== undefined && twice === undefined)
      throw wrong(state, place, `the key ${printable(entry.key)} is already set at ${showPosition(first.keyPosition)}`)
    if (first !== undefined) twice?.(key, entry.value)
    entries.set(entry.key, entry)
  }
  let size = 1
  for (const { key, value } of pairs) {
    const place = offsetOf(key)
    const built = build(value, state)
    size += built[1] + 1
    if (isScalar(key) && key.source === '<<' && key.type === 'PLAIN') {
      for (const entry of mergedEntries(built[0], place, state)) add(entry, entry.key, place)
    } else {
      const [keyNode] = build(key, state)
      if (keyNode.kind === 'scalar' && leaveOut?.(keyNode.value)) continue
      if (keyNode.kind === 'scalar' && keyNode.value !== null)
        add({ key: asText(keyNode.value), keyPosition: keyNode.position, value: built[0] }, keyNode.value, place)
      else if (strangeKey === undefined)
        throw wrong(state, place, `a key must be text, not ${describe(keyNode)}${aboutTemplate(state, place)}`)
      else strangeKey(keyNode, built[0])
    }
  }
  return [{ kind: 'map', position: state.source.position(offset), entries }, size]
}

/** What KOTS and Helm write without quotes is two mappings in one another. */
const aboutTemplate = ({ source: { text } }: Building, place: number): string =>
  text.startsWith('{{', place - 1) ? '; if {{ }} is a template, put what it gives in its place: nobody renders it here' : ''

/** What `<<` brings: a mapping's entries, or those of a list of mappings. */
const mergedEntries = (from: YamlNode, place: number, state: Building): readonly YamlEntry[] => {
  const maps = from.kind === 'list' ? from.items : [from]
  return maps.flatMap(map => {
    if (map.kind !== 'map') throw wrong(state, place, `<< takes a mapping or a list of mappings, not ${describe(map)}`)
    return [...map.entries.values()]
  })
}

const buildScalar = (node: Node | null, state: Building): Sized => {
  const scalar = isScalar(node) ? node : undefined
  const offset = offsetOf(node)
  const quoted = scalar !== undefined && scalar.type !== 'PLAIN'
  if (scalar?.type === 'QUOTE_SINGLE' && !isClosed(scalar, state.source.text)) throw wrong(state, offset, "missing closing '")
  const text = scalar === undefined ? '' : textAsWritten(scalar, state.source.text)
  const value = scalar?.tag === undefined ? (quoted ? text : resolvePlain(text)) : resolveTagged(scalar.tag, text, offset, state)
  if (typeof value === 'number' && !Number.isFinite(value) && state.lenience.anyNumber === undefined)
    throw wrong(state, offset, `${printable(text)} is a number that JSON, and so Kubernetes, cannot hold`)
  return [{ kind: 'scalar', position: state.source.position(offset), text, quoted, value } satisfies YamlScalar, 1]
}

/** The YAML 1.2 parser takes `'it''` at the end of a file for closed. */
const isClosed = ({ range }: Scalar, file: string): boolean => file.slice(range?.[0], range?.[1]).split("'").length % 2 === 1

/** A block scalar that ends with the file, not with a line break, has none for go-yaml; the YAML 1.2 parser adds it. */
const textAsWritten = ({ type, source = '', range }: Scalar, file: string): string =>
  type?.startsWith('BLOCK') === true && range?.[1] === file.length && !file.endsWith('\n') ? source.replace(/\n$/, '') : source

const core = 'tag:yaml.org,2002:'

/** An explicit tag: core types must fit the text, all others leave it text. */
const resolveTagged = (tag: string, text: string, offset: number, state: Building): ScalarValue => {
  if (tag === `${core}binary`) {
    const packed = text.replace(/\s/g, '')
    if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) throw wrong(state, offset, 'a !!binary value that is not base64')
    return Buffer.from(packed, 'base64').toString()
  }
  const value = resolvePlain(text)
  const fits = { [`${core}null`]: value === null, [`${core}bool`]: typeof value === 'boolean', [`${core}int`]: typeof value === 'bigint' }[
    tag
  ]
  if (tag === `${core}float` && (typeof value === 'number' || typeof value === 'bigint')) return Number(value)
  if (fits === false || tag === `${core}float`)
    throw wrong(state, offset, `${printable(text)} is not of the type ${printable(tag.replace(core, '!!'))}`)
  return fits === true ? value : text
}
