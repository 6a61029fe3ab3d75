import { joinPath } from '../oci/go-path.ts'
import { printable, redact } from '../redact.ts'
import { goDurationMs } from './go-duration.ts'
import { parseServerUrl, type ServerUrl } from './server-url.ts'
import type { ClientFiles } from './tls-files.ts'
import type { TomlValue } from './toml.ts'
import { type Fields, isString, isStrings } from './toml-fields.ts'

export const capabilities = ['pull', 'resolve', 'push', 'referrers'] as const
export type Capability = (typeof capabilities)[number]

/** A host as a table of hosts.toml describes it: with paths of files, not yet their content. */
export interface HostTable extends ServerUrl {
  readonly capabilities: readonly Capability[]
  readonly header: Readonly<Record<string, readonly string[]>>
  /** Undefined is not the same as an empty list: any TLS setting makes containerd try HTTPS on a host written `http://`. */
  readonly caFiles: readonly string[] | undefined
  readonly clientFiles: readonly ClientFiles[]
  readonly skipVerify: boolean | undefined
  readonly dialTimeoutMs: number | undefined
}

/** The keys of a host; at the top of the file they describe `server`. */
export const hostKeys = ['capabilities', 'ca', 'client', 'skip_verify', 'header', 'override_path', 'dial_timeout'] as const

/**
 * @param server the URL; empty: the registry itself, which the caller fills in
 * @param folder what `ca` and `client` are relative to
 * @param fault called with each reason for which containerd refuses the whole file
 */
export const readHostTable = (
  server: string,
  fields: Fields,
  where: string,
  folder: string,
  fault: (message: string) => void,
): HostTable => {
  const absolute = (path: string) => (path.startsWith('/') ? path : joinPath(folder, path))
  const overridePath = fields.boolean('override_path') ?? false
  const url = server === '' ? { scheme: '', host: '', path: '' } : parseServerUrl(server, overridePath)
  if (url === undefined) fault(`"${printable(redact(server))}" is not a URL`)
  return {
    ...(url ?? { scheme: '', host: '', path: '' }),
    capabilities: readCapabilities(fields.strings('capabilities') ?? [], where, fault),
    header: readHeader(fields.table('header') ?? {}, where, fault),
    caFiles: readFiles(fields.value('ca'), () => fault(`${where}ca is neither a string nor a list of strings`))?.map(absolute),
    clientFiles: readPairs(fields.value('client') ?? [], () =>
      fault(`${where}client is neither a string nor a list of strings or of pairs`),
    ).map(([cert, key]) => ({ cert: absolute(cert), key: key === undefined ? undefined : absolute(key) })),
    skipVerify: fields.boolean('skip_verify'),
    dialTimeoutMs: readDuration(fields.string('dial_timeout') ?? '', () => fault(`${where}dial_timeout is not a duration such as "5s"`)),
  }
}

const readCapabilities = (written: readonly string[], where: string, fault: (message: string) => void): readonly Capability[] => {
  if (written.length === 0) return capabilities
  const names = written.map(name => name.toLowerCase())
  const strange = names.find(name => !capabilities.some(known => known === name))
  if (strange !== undefined) fault(`${where}capabilities holds "${printable(strange)}"; known are ${capabilities.join(', ')}`)
  return capabilities.filter(name => names.includes(name))
}

const readHeader = (written: Readonly<Record<string, TomlValue>>, where: string, fault: (message: string) => void) =>
  Object.fromEntries(
    Object.entries(written).map(([name, value]) => {
      if (!isString(value) && !isStrings(value)) fault(`${where}header."${printable(name)}" is neither a string nor a list of strings`)
      return [name, isString(value) ? [value] : isStrings(value) ? value : []]
    }),
  )

const readFiles = (value: TomlValue | undefined, fault: () => void): readonly string[] | undefined => {
  if (value === undefined || isStrings(value)) return value
  if (isString(value)) return [value]
  fault()
  return undefined
}

const readPairs = (value: TomlValue, fault: () => void): readonly (readonly [cert: string, key: string | undefined])[] => {
  const entries: readonly TomlValue[] = Array.isArray(value) ? value : [value]
  return entries.flatMap((entry): (readonly [string, string | undefined])[] => {
    if (isString(entry)) return [[entry, undefined]]
    if (isStrings(entry) && entry.length === 2) return [[entry[0]!, entry[1]!]]
    fault()
    return []
  })
}

const readDuration = (text: string, fault: () => void): number | undefined => {
  if (text === '') return undefined
  const ms = goDurationMs(text)
  if (ms === undefined) fault()
  return ms
}
