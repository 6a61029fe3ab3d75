import { printable } from '../redact.ts'
import type { ConfigFile } from './config-files.ts'
import type { HostsProblem, HostsSource, RegistryHosts } from './registry-host.ts'
import { type RegistryTables, unreadTls } from './registry-tables.ts'

/** What of containerd's own configuration does not do, or will not do for long, what it says for this registry. */
export const registryProblems = (
  config: readonly ConfigFile[],
  tables: RegistryTables,
  major: 1 | 2,
  hosts: RegistryHosts,
): readonly HostsProblem[] => {
  const asked = hosts.ok ? hosts.hosts : []
  const file = tables.files.join(', ')
  const isOld = hosts.source.kind === 'mirrors' || asked.some(({ host }) => tables.logins.has(host))
  const bare = hosts.source.kind === 'mirrors' ? asked.filter(({ path }) => !/\/v2(?:\/|$)/.test(path)) : []
  return [
    ...(isOld
      ? [
          {
            kind: 'tablesOld' as const,
            file,
            message: `${printable(file)} uses registry.mirrors, registry.configs or registry.auths. ${fate[major]}`,
          },
        ]
      : []),
    ...(major === 1 ? [] : unreadTls(config))
      .filter(({ host }) => asked.some(entry => entry.host === host))
      .map(({ file, host }) => ({
        kind: 'tlsUnread' as const,
        file,
        message:
          `${printable(file)} has TLS settings for ${printable(host)} that containerd 2 passes over: its certificate is checked as any other. ` +
          'Move them to a hosts.toml in the folder that registry.config_path names.',
      })),
    ...bare.map(({ host, path }) => ({
      kind: 'pathWithoutApi' as const,
      file,
      message:
        `The mirror ${printable(host)}${printable(path)} in ${printable(file)} is asked under ${printable(path)}, without /v2: in registry.mirrors ` +
        `a path is taken as it is. Write ${printable(`${host}${path.replace(/\/$/, '')}/v2`)} unless its API really is there.`,
    })),
  ]
}

const fate = {
  1: 'k0s 1.36 and later, which run containerd 2, do not start with these tables of plugin io.containerd.grpc.v1.cri: before the upgrade, move them to hosts.toml files in the folder that registry.config_path names.',
  2: 'containerd 2.7 is to drop them: move them to hosts.toml files in the folder that registry.config_path names, and logins to pull secrets.',
} as const

/** @param meant what would be read if the list were taken for one */
export const unreadFolders = (configPath: string, meant: HostsSource, files: readonly string[]): HostsProblem => {
  const file = meant.kind === 'hostsToml' ? meant.file : meant.kind === 'certificates' ? meant.folder : configPath
  const where = files.length === 0 ? "containerd's default" : `registry.config_path in ${printable(files.join(', '))}`
  return {
    kind: 'foldersUnread',
    file,
    message:
      `containerd does not read ${printable(file)}: ${where} is "${printable(configPath)}", and since containerd 2.1 a list of folders ` +
      'is taken for the name of one. Set registry.config_path to a single folder.',
  }
}
