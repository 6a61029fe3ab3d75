import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import { describe, type Reader, type YamlMap, type YamlNode } from '../yaml-source.ts'

/** As many entries as any list of a policy may have. */
const maxItems = 1000

/**
 * Fields of a Kubernetes object as the API server decodes them: null is absent, text is text (a number or boolean is not made
 * into one), and every mistake is at its place.
 */
export interface Fields {
  readonly map: YamlMap
  readonly what: string
  fault(node: Pick<YamlNode, 'position'>, problem: string, hint?: string): Error
  /** Where `key` stands, for mistakes of its value. */
  node(key: string): YamlNode | undefined
  text(key: string): string | undefined
  requiredText(key: string, hint?: string): string
  choice<T extends string>(key: string, allowed: readonly T[]): T | undefined
  bool(key: string): boolean
  fields(key: string, known: readonly string[]): Fields | undefined
  list(key: string): readonly YamlNode[]
  /** An entry of a list as fields. */
  of(node: YamlNode, what: string, known: readonly string[]): Fields
  /** Each entry of the list as fields. */
  entries(key: string, known: readonly string[]): readonly Fields[]
}

/** @throws PreflightError for a key that is not known, too */
export const fieldsOf = (reader: Reader, node: YamlNode, what: string, known?: readonly string[]): Fields => {
  const map = reader.map(node, what, node)
  if (known !== undefined) reader.keys(map, known, what)
  const find = (key: string) => {
    const value = map.entries.get(key)?.value
    return value?.kind === 'scalar' && value.value === null ? undefined : value
  }
  const fields: Fields = {
    map,
    what,
    fault: reader.fault,
    node: find,
    text: key => {
      const value = find(key)
      if (value === undefined) return undefined
      if (value.kind !== 'scalar' || typeof value.value !== 'string')
        throw reader.fault(value, `${key} must be text, and this is ${describe(value)}`, 'Put it in quotes if it is text.')
      return value.value === '' ? undefined : value.value
    },
    requiredText: (key, hint) => {
      const text = fields.text(key)
      if (text === undefined) throw reader.fault(find(key) ?? map, `${key} is missing in ${what}`, hint)
      return text
    },
    choice: (key, allowed) => {
      const text = fields.text(key)
      const found = allowed.find(one => one === text)
      if (text === undefined || found !== undefined) return found
      const meant = suggest(text, allowed)
      throw reader.fault(
        find(key)!,
        `${key} "${printable(text, 60)}" is not known`,
        meant === undefined ? `It is one of ${allowed.join(', ')}.` : `Did you mean ${meant}?`,
      )
    },
    bool: key => {
      const value = find(key)
      if (value === undefined) return false
      if (value.kind !== 'scalar' || typeof value.value !== 'boolean')
        throw reader.fault(value, `${key} must be true or false, and this is ${describe(value)}`)
      return value.value
    },
    fields: (key, keys) => {
      const value = find(key)
      return value === undefined ? undefined : fieldsOf(reader, value, key, keys)
    },
    list: key => {
      const value = find(key)
      if (value === undefined) return []
      const { items } = reader.list(value, key)
      if (items.length > maxItems) throw reader.fault(items[maxItems]!, `${key} has more than ${maxItems} entries`)
      return items
    },
    of: (entry, name, keys) => fieldsOf(reader, entry, name, keys),
    entries: (key, keys) => fields.list(key).map(item => fields.of(item, `an entry of ${key}`, keys)),
  }
  return fields
}
