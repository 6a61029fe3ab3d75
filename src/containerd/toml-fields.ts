import { printable } from '../redact.ts'
import { isTable, type TomlTable, type TomlValue } from './toml.ts'

/** Reads a table as pelletier/go-toml decodes it into a Go struct: names without regard to case, types to the letter. */
export interface Fields {
  string(name: string): string | undefined
  boolean(name: string): boolean | undefined
  integer(name: string): bigint | undefined
  strings(name: string): readonly string[] | undefined
  table(name: string): TomlTable | undefined
  /** A value of any type. */
  value(name: string): TomlValue | undefined
  /** What a table holds besides `names`: Go passes over it without a word. */
  unknown(names: readonly string[]): readonly string[]
}

/** @param fault called with what is wrong for each value of the wrong type: Go then refuses the whole file */
export const fieldsOf = (table: TomlTable, where: string, fault: (message: string) => void): Fields => {
  const values = new Map<string, TomlValue[]>()
  for (const [key, value] of Object.entries(table)) {
    const name = key.toLowerCase()
    const all = values.get(name) ?? []
    all.push(value)
    values.set(name, all)
  }
  const typed =
    <T extends TomlValue>(is: (value: TomlValue) => value is T, type: string) =>
    (name: string): T | undefined => {
      const all = values.get(name) ?? []
      if (!all.every(is)) fault(`${where}${name} is not ${type}`)
      return all.filter(is).at(-1)
    }
  return {
    string: typed(isString, 'a string'),
    boolean: typed(isBoolean, 'true or false'),
    integer: typed(isInteger, 'a whole number'),
    strings: typed(isStrings, 'a list of strings'),
    table: name => {
      const tables = (values.get(name) ?? []).filter(isTable)
      return typed(isTable, 'a table')(name) && Object.fromEntries(tables.flatMap(inner => Object.entries(inner)))
    },
    value: name => values.get(name)?.at(-1),
    unknown: names => Object.keys(table).filter(key => !names.includes(key.toLowerCase())),
  }
}

/** The name of a table for messages, as one would write it before a key: `host."https://a".`. */
export const tablePath = (...parts: readonly string[]): string =>
  parts.map(part => `${/^[A-Za-z0-9_-]+$/.test(part) ? part : `"${printable(part)}"`}.`).join('')

export const isString = (value: TomlValue): value is string => typeof value === 'string'
export const isStrings = (value: TomlValue): value is readonly string[] => Array.isArray(value) && value.every(isString)
const isInteger = (value: TomlValue): value is bigint => typeof value === 'bigint'
const isBoolean = (value: TomlValue): value is boolean => typeof value === 'boolean'
