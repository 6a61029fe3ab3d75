import { printable } from '../redact.ts'
import type { ConfigFiles } from './config-files.ts'
import { registryHosts } from './hosts.ts'
import { containerdMajor } from './images-table.ts'
import { mirrorHosts } from './mirrors.ts'
import type { NodeFiles } from './node-files.ts'
import { nodeLogin } from './node-login.ts'
import type { RegistryHost, RegistryHosts } from './registry-host.ts'
import { registryProblems, unreadFolders } from './registry-problems.ts'
import { type RegistryTables, readRegistryTables } from './registry-tables.ts'
import type { FileFault } from './tls-files.ts'

/** containerd 2.3 and later, where neither `config_path` nor `mirrors` is set (plugins/cri/images). */
const defaultConfigPath = '/etc/containerd/certs.d:/etc/docker/certs.d'

/**
 * The hosts that a node asks for a registry's images, as containerd's own configuration says: folders with hosts.toml files
 * in `config_path`, or the older tables `mirrors`, `configs` and `auths`.
 *
 * @see https://github.com/containerd/containerd/blob/v2.4.2/internal/cri/config/config.go (ValidateImageConfig)
 * @see https://github.com/containerd/containerd/blob/v1.7.34/pkg/cri/server/image_pull.go (registryHosts)
 */
export const nodeRegistries = (config: ConfigFiles, files: NodeFiles): ((registry: string) => RegistryHosts) => {
  if (!config.ok) return registry => refused(registry, [config.fault.file], config.fault)
  const major = containerdMajor(config.files)
  const faults: string[] = []
  const tables = readRegistryTables(config.files, major, message => faults.push(message))
  const [why] = [...faults, ...conflicts(tables)]
  if (why !== undefined) {
    const fault = { file: tables.files.join(', '), why: `is refused by containerd, which then runs no container: ${why}`, refused: true }
    return registry => refused(registry, tables.files, fault)
  }
  return registry => {
    const hosts = major === 1 || tables.pullsLocally ? listed(registry, tables, major, files) : transferred(registry, tables, files)
    const problems = [...hosts.problems, ...registryProblems(config.files, tables, major, hosts)]
    return hosts.ok ? { ...hosts, problems, hosts: hosts.hosts.map(host => withCommon(host, tables)) } : { ...hosts, problems }
  }
}

/** What containerd does not start its CRI plugin with. */
const conflicts = ({ configPath, mirrors, tls }: RegistryTables): readonly string[] => {
  if (configPath === '') return []
  return [
    ...(mirrors.size > 0 ? ['registry.mirrors and registry.config_path are both set'] : []),
    ...(tls.size > 0 ? ['registry.configs with tls and registry.config_path are both set'] : []),
  ]
}

/** containerd's own client, which takes `config_path` for a list. */
const listed = (registry: string, tables: RegistryTables, major: 1 | 2, files: NodeFiles): RegistryHosts => {
  const path = tables.configPath !== '' || major === 1 || tables.mirrors.size > 0 ? tables.configPath : defaultConfigPath
  if (path !== '') return registryHosts(registry, path.split(':'), files)
  const faults: FileFault[] = []
  const hosts = mirrorHosts(registry, tables, major, files, fault => faults.push(fault))
  const [fault] = [...faults].sort((a, b) => Number(b.refused) - Number(a.refused))
  if (fault !== undefined) return refused(registry, tables.files, fault)
  const isNamed = tables.mirrors.has(registry) || tables.mirrors.has('*') || hosts.some(({ host }) => tables.tls.has(host))
  return { ok: true, registry, source: isNamed ? { kind: 'mirrors', files: tables.files } : { kind: 'none' }, problems: [], hosts }
}

/**
 * The transfer service, which pulls since containerd 2.1, takes `config_path` for one folder: a list of two names none
 * (https://github.com/containerd/containerd/issues/12808, open at 2.4.2).
 */
const transferred = (registry: string, tables: RegistryTables, files: NodeFiles): RegistryHosts => {
  const path = tables.configPath === '' ? defaultConfigPath : tables.configPath
  const hosts = registryHosts(registry, [path], files)
  const meant = registryHosts(registry, path.split(':'), files)
  const isLost = path.includes(':') && meant.source.kind !== 'none'
  return isLost ? { ...hosts, problems: [...hosts.problems, unreadFolders(path, meant.source, tables.files)] } : hosts
}

const withCommon = (host: RegistryHost, { header, logins }: RegistryTables): RegistryHost => {
  const names = new Set([...Object.keys(header), ...Object.keys(host.header)])
  const all = Object.fromEntries([...names].map(name => [name, [...(header[name] ?? []), ...(host.header[name] ?? [])]]))
  const login = nodeLogin(logins.get(host.host))
  return { ...host, header: all, ...(login === undefined ? {} : { login }) }
}

const refused = (registry: string, sources: readonly string[], fault: FileFault): RegistryHosts => ({
  ok: false,
  registry,
  source: { kind: 'mirrors', files: sources },
  problems: [],
  refused: fault.refused,
  file: fault.file,
  message: fault.refused
    ? `A node pulls nothing from ${printable(registry)}: ${printable(fault.file)} ${fault.why}.`
    : `What a node asks for images of ${printable(registry)} is not known: ${printable(fault.file)} ${fault.why}.`,
  hint: fault.refused
    ? 'Correct that file on the node and restart its containerd.'
    : 'Run as root on the node, or give a copy of its folder with hosts.toml files with --hosts-dir.',
})
