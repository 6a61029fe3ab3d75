import type { Finding } from '../outcome.ts'
import { type Position, showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { type ConfigCode, configCodes } from './codes.ts'

/** A finding of the check `config`: each code has one status, and every message begins with the place. */
export const found = (code: ConfigCode, position: Position, message: string, evidence?: readonly string[]): Finding => ({
  status: configCodes[code].status,
  code,
  message: `${showPosition({ ...position, file: printable(position.file) })}: ${message}`,
  ...(evidence === undefined ? {} : { evidence }),
  position,
})

export const named = ({ plugin }: { readonly plugin: string }): string =>
  plugin.startsWith('plugins[') ? plugin : `plugin ${printable(plugin)}`

export const quoted = (text: string): string => `"${printable(text)}"`
