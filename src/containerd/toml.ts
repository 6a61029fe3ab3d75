import { parse, TomlError } from 'smol-toml'
import { printable } from '../redact.ts'
import { type TableHeader, tableHeaders } from './toml-headers.ts'

export type TomlValue = string | number | bigint | boolean | Date | readonly TomlValue[] | TomlTable
export interface TomlTable {
  readonly [key: string]: TomlValue
}

/** Why a text is no TOML. The words hold nothing of the text itself: a hosts.toml may carry an Authorization header. */
export interface TomlFault {
  readonly message: string
  readonly line?: number
  readonly column?: number
}

export type Toml =
  | { readonly ok: true; readonly table: TomlTable; readonly headers: readonly TableHeader[] }
  | ({ readonly ok: false } & TomlFault)

/**
 * Parses TOML 1.1, as pelletier/go-toml 2.4 in containerd 2.4 does. Integers are bigints. One difference is known: an
 * impossible date (`2024-99-99`) is an error here, there only where the key that it stands under is known.
 */
export const readToml = (bytes: Uint8Array): Toml => {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { ok: false, message: 'it is not UTF-8' }
  }
  if (text.startsWith('\ufeff')) return { ok: false, message: 'it begins with a byte order mark', line: 1, column: 1 }
  try {
    const table = parse(text, { integersAsBigInt: true }) as TomlTable
    return { ok: true, table, headers: tableHeaders(text) }
  } catch (error) {
    if (!(error instanceof TomlError)) return { ok: false, message: 'it cannot be read as TOML' }
    // The message goes on with lines of the file.
    const [said = ''] = error.message.split('\n')
    return { ok: false, message: printable(said.replace(/^Invalid TOML document: /, '')), line: error.line, column: error.column }
  }
}

/** A table: neither an array nor a date. */
export const isTable = (value: TomlValue | undefined): value is TomlTable =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
