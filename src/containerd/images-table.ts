import type { ConfigFile } from './config-files.ts'
import { isTable, type TomlTable } from './toml.ts'

/** The plugin of containerd 1, whose tables 2 takes over, and that of 2. */
const plugins = { 1: 'io.containerd.grpc.v1.cri', 2: 'io.containerd.cri.v1.images' } as const

/** 1 unless a file is of version 3 or speaks of a plugin of containerd 2: k0s before 1.36 has containerd 1.7, later ones 2.3. */
export const containerdMajor = (files: readonly ConfigFile[]): 1 | 2 =>
  files.some(({ table }) => Number(table.version) >= 3 || pluginTable(table, plugins[2]) !== undefined) ? 2 : 1

const pluginTable = (table: TomlTable, plugin: string): TomlTable | undefined => {
  const all = table.plugins
  const found = isTable(all) ? all[plugin] : undefined
  return isTable(found) ? found : undefined
}

/** What decides how images are pulled; containerd 2 moves it over from the older plugin, key by key (plugins/cri/images configMigration). */
const moved = ['registry', 'max_concurrent_downloads', 'image_pull_with_sync_fs']
/** Only where `runtimes` is there too. */
const movedFromContainerd = ['disable_snapshot_annotations', 'discard_unpacked_layers']

export const imagesTable = (table: TomlTable, major: 1 | 2): TomlTable => {
  // From version 4 of its configuration, containerd 2.3's own, the older plugin's table is not moved any more.
  const older = Number(table.version) >= 4 ? {} : (pluginTable(table, plugins[1]) ?? {})
  if (major === 1) return older
  const inner = older.containerd
  return {
    ...pluginTable(table, plugins[2]),
    ...only(older, moved),
    ...(isTable(inner) && inner.runtimes !== undefined ? only(inner, movedFromContainerd) : {}),
  }
}

const only = (table: TomlTable, keys: readonly string[]): TomlTable =>
  Object.fromEntries(Object.entries(table).filter(([key]) => keys.includes(key)))

/** Tables are merged, other values replaced by those of later files, and keys sorted, as containerd does before it decodes. */
export const merged = (tables: readonly TomlTable[]): TomlTable => tables.reduce((all, table) => merge(all, table), {})

const merge = (first: TomlTable, second: TomlTable, depth = deepest): TomlTable => {
  const values = new Map(Object.entries(first))
  for (const [key, value] of Object.entries(second)) {
    const before = values.get(key)
    values.set(key, depth > 0 && isTable(before) && isTable(value) ? merge(before, value, depth - 1) : value)
  }
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** `registry.configs.HOST.auth`: below that, nothing is looked at. */
const deepest = 4
