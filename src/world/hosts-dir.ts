import { resolve } from 'node:path'
import { readConfigFiles } from '../containerd/config-files.ts'
import { registryHosts } from '../containerd/hosts.ts'
import { nodeRegistries } from '../containerd/registries.ts'
import type { RegistryHosts } from '../containerd/registry-host.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { nodeFiles } from './node-files.ts'

/** What a node asks for images of a registry: the domain of a reference, with port. Reads files when it is called. */
export type HostsOf = (registry: string) => RegistryHosts

const layout = 'It holds a folder for each registry, such as docker.io/hosts.toml, as config_path of containerd does.'

/**
 * `--hosts-dir`: folders as in containerd's `config_path`, separated by `:`, the first that knows a registry decides.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE when one of them is no folder that can be read, or that of one registry: containerd
 *   would look for none in it, and mirrors would be off without a word
 */
export const hostsFromDirs = (list: string): HostsOf => {
  const files = nodeFiles()
  const roots = list.split(':').flatMap(root => (root === '' ? [] : [resolve(root)]))
  if (roots.length === 0) throw new PreflightError('FILE_NOT_FOUND', '--hosts-dir names no folder.')
  for (const root of roots) {
    const found = files(root)
    const name = `--hosts-dir ${printable(root)}`
    if (found.kind === 'absent') {
      const hint = roots.length > 1 ? 'A colon stands between two folders: give the one that holds the folders of the registries.' : layout
      throw new PreflightError('FILE_NOT_FOUND', `${name}: there is no such folder.`, { hint })
    }
    if (found.kind === 'folder' && !found.names.includes('hosts.toml')) continue
    const why =
      found.kind === 'file' ? 'is a file' : found.kind === 'folder' ? 'is the folder of one registry: it holds a hosts.toml' : found.why
    throw new PreflightError('FILE_UNREADABLE', `${name}: it ${why}.`, {
      hint: found.kind === 'folder' ? `Give the folder above it. ${layout}` : layout,
    })
  }
  return registry => registryHosts(registry, roots, files)
}

/** Where k0s keeps containerd's configuration; it makes the first itself, with the second as its imports. */
export interface NodeConfig {
  readonly folder: string
  readonly main: string
  readonly imports: readonly string[]
}

const k0s: NodeConfig = { folder: '/etc/k0s', main: '/etc/k0s/containerd.toml', imports: ['/etc/k0s/containerd.d/*.toml'] }

/** The hosts as the containerd of k0s is configured on the node with this root folder; undefined where there is no k0s. */
export const hostsFromNode = (root = '/', { folder, main, imports }: NodeConfig = k0s): HostsOf | undefined => {
  const files = nodeFiles(root)
  return files(folder).kind === 'absent' ? undefined : nodeRegistries(readConfigFiles(main, imports, files), files)
}
