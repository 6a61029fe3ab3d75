import { globMatches } from '../kubelet/glob.ts'
import { joinPath, splitPath } from '../oci/go-path.ts'
import type { NodeFiles } from './node-files.ts'
import { type FileFault, unusable } from './tls-files.ts'
import { readToml, type TomlTable, type TomlValue } from './toml.ts'

export interface ConfigFile {
  readonly file: string
  readonly table: TomlTable
}

export type ConfigFiles = { readonly ok: true; readonly files: readonly ConfigFile[] } | { readonly ok: false; readonly fault: FileFault }

/** A node has a handful; more is a loop of imports that grow. */
const mostFiles = 200

/**
 * containerd's configuration in the order in which it reads it: `main`, what that imports, what those import. A file that
 * does not exist is passed over: k0s writes its own anew whenever it starts.
 *
 * @param main absolute path of config.toml
 * @param imports what `main` would import were it there (k0s makes it when it first starts)
 * @see https://github.com/containerd/containerd/blob/v2.4.2/cmd/containerd/server/config/config.go (LoadConfigWithPlugins, resolveImports)
 */
export const readConfigFiles = (main: string, imports: readonly string[], files: NodeFiles): ConfigFiles => {
  const read: ConfigFile[] = []
  const seen = new Set<string>()
  const pending = files(main).kind === 'absent' ? imports.flatMap(pattern => importsOf(main, pattern, files)) : [main]
  for (const file of pending) {
    if (seen.has(file)) continue
    seen.add(file)
    const found = files(file)
    if (found.kind === 'absent') continue
    if (found.kind !== 'file') return { ok: false, fault: { file, ...unusable(found) } }
    if (seen.size > mostFiles)
      return { ok: false, fault: { file: main, why: `imports more than ${mostFiles} files, which are not read`, refused: false } }
    const toml = readToml(found.bytes)
    if (!toml.ok) {
      const at = toml.line === undefined ? '' : ` (line ${toml.line}, column ${toml.column})`
      return { ok: false, fault: { file, why: `is no TOML: ${toml.message}${at}`, refused: true } }
    }
    read.push({ file, table: toml.table })
    pending.push(...patterns(toml.table.imports).flatMap(pattern => importsOf(file, pattern, files)))
  }
  return { ok: true, files: read }
}

const patterns = (value: TomlValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []

/** Only the last component is taken as a pattern, as in `/etc/k0s/containerd.d/*.toml`. */
const importsOf = (parent: string, pattern: string, files: NodeFiles): readonly string[] => {
  const path = joinPath(pattern.startsWith('/') ? '' : splitPath(parent).directory, pattern)
  if (!path.includes('*')) return [path]
  const { directory, base } = splitPath(path)
  const folder = files(joinPath(directory))
  return folder.kind === 'folder' ? folder.names.filter(name => globMatches(base, name)).map(name => joinPath(directory, name)) : []
}
