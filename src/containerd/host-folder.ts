import { joinPath } from '../oci/go-path.ts'
import { printable } from '../redact.ts'
import { capabilities, type HostTable } from './host-table.ts'
import { type HostsFile, readHostsFile } from './hosts-file.ts'
import type { NodeFiles } from './node-files.ts'
import type { HostsProblem, HostsSource } from './registry-host.ts'
import { type FileFault, unusable } from './tls-files.ts'

/** What the folders say of a registry. Of `hosts`, the last may lack its name: that of the registry itself. */
export type HostFolder = { readonly source: HostsSource; readonly problems: readonly HostsProblem[] } & (
  | { readonly ok: true; readonly hosts: readonly HostTable[] }
  | { readonly ok: false; readonly fault: FileFault }
)

const unnamed: HostTable = {
  scheme: '',
  host: '',
  path: '',
  capabilities,
  header: {},
  caFiles: undefined,
  clientFiles: [],
  skipVerify: undefined,
  dialTimeoutMs: undefined,
}

export const readHostFolder = (registry: string, roots: readonly string[], files: NodeFiles): HostFolder => {
  for (const folder of roots.flatMap(root => candidates(registry).map(name => joinPath(root, name)))) {
    const found = files(folder)
    if (found.kind === 'absent') continue
    if (found.kind === 'folder') return readFolder(registry, folder, files)
    const notOne = { why: 'is a file where containerd looks for a folder', refused: true }
    return failed(joinPath(folder, 'hosts.toml'), { file: folder, ...(found.kind === 'file' ? notOne : unusable(found)) })
  }
  return { ok: true, source: { kind: 'none' }, problems: [], hosts: [unnamed] }
}

const failed = (file: string, fault: FileFault): HostFolder => ({ ok: false, source: { kind: 'hostsToml', file }, problems: [], fault })

/** `_default` of an earlier root goes before the registry's own folder in a later one (hostDirFromRoots). */
const candidates = (registry: string): readonly string[] => {
  const colon = registry.lastIndexOf(':')
  const withPort = colon > 0 ? [`${registry.slice(0, colon)}_${registry.slice(colon + 1)}_`] : []
  return [...withPort, registry, '_default']
}

const readFolder = (registry: string, folder: string, files: NodeFiles): HostFolder => {
  const file = joinPath(folder, 'hosts.toml')
  const found = files(file)
  if (found.kind === 'absent' || (found.kind === 'file' && found.bytes.length === 0)) return readCertificates(folder, files)
  if (found.kind !== 'file') return failed(file, { file, ...unusable(found) })
  const hosts = readHostsFile(found.bytes, folder)
  if (hosts.ok) return { ok: true, source: { kind: 'hostsToml', file }, problems: problemsIn(file, hosts), hosts: hosts.hosts }
  return readCertificates(folder, files, invalid(registry, file, hosts))
}

/** Docker's layout: `*.crt` are trusted, `NAME.cert` with `NAME.key` are shown to the registry (loadCertFiles). */
const readCertificates = (folder: string, files: NodeFiles, ...problems: readonly HostsProblem[]): HostFolder => {
  const found = files(folder)
  const names = (found.kind === 'folder' ? found.names : []).filter(name => files(joinPath(folder, name)).kind !== 'folder')
  const ending = (suffix: string) => names.filter(name => name.endsWith(suffix)).map(name => joinPath(folder, name))
  const caFiles = ending('.crt')
  const clientFiles = ending('.cert').map(cert => {
    const key = cert.replace(/\.cert$/, '.key')
    return { cert, key: files(key).kind === 'absent' ? undefined : key }
  })
  const isUsed = caFiles.length + clientFiles.length > 0
  return {
    ok: true,
    source: isUsed ? { kind: 'certificates', folder } : { kind: 'none' },
    problems,
    hosts: [{ ...unnamed, caFiles: caFiles.length > 0 ? caFiles : undefined, clientFiles }],
  }
}

const invalid = (registry: string, file: string, { message, line, column }: Extract<HostsFile, { ok: false }>): HostsProblem => ({
  kind: 'fileInvalid',
  file,
  ...(line === undefined || column === undefined ? {} : { line, column }),
  message:
    `containerd puts ${printable(file)} aside, with only a line in its log, and asks ${printable(registry)} itself instead of the mirrors ` +
    `in it: ${message}${line === undefined ? '' : ` (line ${line}, column ${column})`}.`,
})

const problemsIn = (file: string, { unread, unknown }: Extract<HostsFile, { ok: true }>): readonly HostsProblem[] => [
  ...unread.slice(0, 1).map(name => ({
    kind: 'hostUnread' as const,
    file,
    message:
      `containerd does not ask ${listed(unread.map(each => `"${printable(each)}"`))} of ${printable(file)}: it looks only for hosts ` +
      `whose table begins with a line of its own, [host."${printable(name)}"].`,
  })),
  ...unknown.slice(0, 1).map(() => ({
    kind: 'keyUnknown' as const,
    file,
    message: `containerd passes over ${listed(unknown)} in ${printable(file)}: it knows no such key.`,
  })),
]

const mostListed = 5
const listed = (names: readonly string[]): string =>
  `${names.slice(0, mostListed).join(', ')}${names.length > mostListed ? ` and ${names.length - mostListed} more` : ''}`
