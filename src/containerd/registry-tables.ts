import type { ConfigFile } from './config-files.ts'
import { imagesTable, merged } from './images-table.ts'
import { parseUrl } from './server-url.ts'
import { isTable, type TomlTable } from './toml.ts'
import { type Fields, fieldsOf, isStrings, tablePath } from './toml-fields.ts'

/** What containerd's CRI plugin knows of registries, all files together. */
export interface RegistryTables {
  /** Folders with hosts.toml files, separated by `:`; empty: none. */
  readonly configPath: string
  /** Endpoints by registry, `*` for the others. */
  readonly mirrors: ReadonlyMap<string, readonly string[]>
  /** By host and port of an endpoint. */
  readonly tls: ReadonlyMap<string, RegistryTls>
  readonly logins: ReadonlyMap<string, RegistryLogin>
  /** Sent to every registry. */
  readonly header: Readonly<Record<string, readonly string[]>>
  /** Something in the configuration keeps containerd 2.1 and later from the transfer service, so that `configPath` is a list. */
  readonly pullsLocally: boolean
  /** The files that speak of registries. */
  readonly files: readonly string[]
}

export interface RegistryTls {
  readonly skipVerify: boolean
  /** Empty: none; so are the others. */
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** Secret. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
  /** base64 of `username:password`. */
  readonly auth: string
  readonly identityToken: string
}

/** @param fault called with what makes the CRI plugin refuse the configuration */
export const readRegistryTables = (files: readonly ConfigFile[], major: 1 | 2, fault: (message: string) => void): RegistryTables => {
  const tables = files.map(({ table }) => imagesTable(table, major))
  const images = fieldsOf(merged(tables), '', fault)
  const registry = fieldsOf(images.table('registry') ?? {}, 'registry.', fault)
  const each = (name: string) => eachTable(registry.table(name) ?? {}, `registry.${name}`, fault)
  const configs = each('configs')
  const auths = each('auths')
  const mirrors = each('mirrors')
  return {
    configPath: registry.string('config_path') ?? '',
    mirrors: new Map([...mirrors].map(([name, fields]) => [name, fields.strings('endpoint') ?? []])),
    tls: new Map(
      major === 2 ? [] : [...configs].flatMap(([name, fields]) => entry(name, fields.table('tls'), table => tlsOf(table, fault))),
    ),
    logins: new Map([
      ...[...configs].flatMap(([name, fields]) => entry(name, fields.table('auth'), table => loginOf(fieldsOf(table, 'auth.', fault)))),
      ...[...auths].map(([name, fields]) => [hostOf(name, fault), loginOf(fields)] as const),
    ]),
    header: headerOf(registry.table('headers') ?? {}, fault),
    pullsLocally:
      forcesLocalPull(images, images.integer('max_concurrent_downloads')) || [mirrors, configs, auths].some(table => table.size > 0),
    files: files.filter((_, index) => tables[index]!.registry !== undefined).map(({ file }) => file),
  }
}

/** TLS settings that containerd 2 passes over, by host. */
export const unreadTls = (files: readonly ConfigFile[]): readonly { readonly file: string; readonly host: string }[] =>
  files.flatMap(({ file, table }) => {
    const registry = imagesTable(table, 2).registry
    const configs = isTable(registry) ? registry.configs : undefined
    const hosts = isTable(configs) ? Object.entries(configs) : []
    return hosts.flatMap(([host, config]) => (isTable(config) && config.tls !== undefined ? [{ file, host }] : []))
  })

const eachTable = (table: TomlTable, where: string, fault: (message: string) => void): ReadonlyMap<string, Fields> =>
  new Map(
    Object.entries(table).map(([name, value]) => {
      const path = `${where}.${tablePath(name)}`
      if (!isTable(value)) fault(`${path.slice(0, -1)} is not a table`)
      return [name, fieldsOf(isTable(value) ? value : {}, path, fault)]
    }),
  )

const entry = <T>(name: string, table: TomlTable | undefined, read: (table: TomlTable) => T): (readonly [string, T])[] =>
  table === undefined ? [] : [[name, read(table)]]

const tlsOf = (table: TomlTable, fault: (message: string) => void): RegistryTls => {
  const fields = fieldsOf(table, 'tls.', fault)
  return {
    skipVerify: fields.boolean('insecure_skip_verify') ?? false,
    caFile: fields.string('ca_file') ?? '',
    certFile: fields.string('cert_file') ?? '',
    keyFile: fields.string('key_file') ?? '',
  }
}

const loginOf = (fields: Fields): RegistryLogin => ({
  username: fields.string('username') ?? '',
  password: fields.string('password') ?? '',
  auth: fields.string('auth') ?? '',
  identityToken: fields.string('identitytoken') ?? '',
})

const headerOf = (table: TomlTable, fault: (message: string) => void) => {
  if (!Object.values(table).every(isStrings)) fault('registry.headers holds something else than lists of strings')
  return Object.fromEntries(Object.entries(table).flatMap(([name, value]) => (isStrings(value) ? [[name, value]] : [])))
}

/** `auths` is by URL: of one with a scheme, the host counts (ValidateImageConfig), so that of `host:port` nothing is left. */
const hostOf = (endpoint: string, fault: (message: string) => void): string => {
  const url = parseUrl(endpoint)
  if (url === undefined) fault('registry.auths names something that is not a URL')
  return url === undefined || url.scheme === '' ? endpoint : url.host
}

/** containerd 2.4 internal/cri/config CheckLocalImagePullConfigs. Each is read, so that each wrong type is a fault. */
const forcesLocalPull = (images: Fields, downloads: bigint | undefined): boolean =>
  [
    images.boolean('use_local_image_pull') === true,
    images.boolean('disable_snapshot_annotations') === false,
    images.boolean('discard_unpacked_layers') === true,
    images.boolean('image_pull_with_sync_fs') === true,
    downloads !== undefined && downloads !== 3n,
  ].includes(true)
