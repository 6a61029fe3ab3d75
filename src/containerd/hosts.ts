import { printable } from '../redact.ts'
import { readHostFolder } from './host-folder.ts'
import { isLocalhost, portOf } from './host-port.ts'
import { capabilities, type HostTable } from './host-table.ts'
import type { NodeFiles } from './node-files.ts'
import { defaultDialTimeoutMs, type RegistryHost, type RegistryHosts } from './registry-host.ts'
import { createTlsFiles, type FileFault, type TlsFiles } from './tls-files.ts'

/**
 * The hosts that containerd asks for images of `registry`, in its order, as folders with hosts.toml files say.
 *
 * @param registry the domain of an image reference, with port: `docker.io`, `registry.example.com:5000`
 * @param roots absolute paths of folders, in order, as in `config_path`; none: the registry itself
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/remotes/docker/config/hosts.go (ConfigureHosts)
 */
export const registryHosts = (registry: string, roots: readonly string[], files: NodeFiles): RegistryHosts => {
  const { source, problems, ...folder } = readHostFolder(registry, roots, files)
  if (!folder.ok) return { registry, source, problems, ...refusal(registry, [folder.fault]) }
  const faults: FileFault[] = []
  const tlsFiles = createTlsFiles(files, fault => faults.push(fault))
  const hosts = folder.hosts.map((table, index) => {
    const last = index === folder.hosts.length - 1
    return registryHost(last && table.host === '' ? upstream(registry, table) : table, tlsFiles)
  })
  if (faults.length > 0) return { registry, source, problems, ...refusal(registry, faults) }
  const nameless = source.kind === 'hostsToml' && hosts.some(({ host }) => host === '') ? [namelessIn(source.file)] : []
  return { ok: true, registry, source, problems: [...problems, ...nameless], hosts }
}

/** The registry itself, with what the file says of no host in particular. Its path and capabilities are not the file's. */
const upstream = (registry: string, table: HostTable): HostTable => {
  const common = { ...table, path: '/v2', capabilities }
  // docker.io itself serves web pages (DefaultHost).
  if (registry === 'docker.io') return { ...common, scheme: 'https', host: 'registry-1.docker.io' }
  if (!isLocalhost(registry)) return { ...common, scheme: 'https', host: registry }
  const port = portOf(registry)
  const skipVerify = port === '80' ? table.skipVerify : true
  return { ...common, scheme: port === '' || port === '443' ? 'https' : 'http', host: registry, skipVerify }
}

const registryHost = (table: HostTable, tlsFiles: TlsFiles): RegistryHost => {
  const hasTls = table.caFiles !== undefined || table.clientFiles.length > 0 || table.skipVerify !== undefined
  const httpFallback = table.scheme === 'http' && hasTls && portOf(table.host) !== '80'
  return {
    scheme: httpFallback ? 'https' : table.scheme,
    host: table.host,
    path: table.path,
    capabilities: table.capabilities,
    header: table.header,
    httpFallback,
    skipVerify: table.skipVerify ?? false,
    ca: tlsFiles.ca(table.caFiles ?? []),
    client: tlsFiles.client(table.clientFiles),
    dialTimeoutMs: table.dialTimeoutMs ?? defaultDialTimeoutMs,
  }
}

const refusal = (registry: string, faults: readonly FileFault[]) => {
  // What containerd cannot read is certain; what we may not read is not.
  const { file, why, refused } = faults.find(fault => fault.refused) ?? faults[0]!
  const message = refused
    ? `A node pulls nothing from ${printable(registry)}: ${printable(file)} ${why}, and containerd needs it for this registry.`
    : `What a node asks for images of ${printable(registry)} is not known: ${printable(file)} ${why}.`
  const hint = refused
    ? 'Correct that file, or take out what names it in the folder of this registry.'
    : 'Run as root on the node, or give a copy of the folder that you may read with --hosts-dir.'
  return { ok: false as const, refused, file, message, hint }
}

const namelessIn = (file: string) => ({
  kind: 'hostNameless' as const,
  file,
  message: `A host in ${printable(file)} is written without the name of a host, so each pull first fails there. Write it as https://host:port.`,
})
