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

/**
 * `--hosts-dir`: folders as in containerd's `config_path`, separated by `:`, the first that knows a registry decides.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE when one of them is no folder that can be read
 */
export const hostsFromDirs = (list: string): HostsOf => {
  const files = nodeFiles()
  const roots = list.split(':').flatMap(root => (root === '' ? [] : [resolve(root)]))
  if (roots.length === 0) throw new PreflightError('FILE_NOT_FOUND', '--hosts-dir names no folder.')
  for (const root of roots) {
    const found = files(root)
    const name = `--hosts-dir ${printable(root)}`
    if (found.kind === 'absent') throw new PreflightError('FILE_NOT_FOUND', `${name}: there is no such folder.`)
    if (found.kind === 'folder') continue
    const why = found.kind === 'file' ? 'is a file' : found.why
    throw new PreflightError('FILE_UNREADABLE', `${name}: it ${why}.`, {
      hint: 'It holds a folder for each registry, such as docker.io/hosts.toml, as config_path of containerd does.',
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
