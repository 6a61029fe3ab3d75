import { isLocalhost } from './host-port.ts'
import type { NodeFiles } from './node-files.ts'
import { defaultDialTimeoutMs, type RegistryHost } from './registry-host.ts'
import type { RegistryTables, RegistryTls } from './registry-tables.ts'
import { parseUrl, type ServerUrl } from './server-url.ts'
import { createTlsFiles, type FileFault, type TlsFiles } from './tls-files.ts'

/**
 * The hosts that `registry.mirrors` gives: the endpoints of the registry, else those of `*`, and the registry itself at the
 * end unless one of them is it.
 *
 * @param fault called with what makes containerd refuse to pull from this registry
 * @see https://github.com/containerd/containerd/blob/v2.4.2/internal/cri/server/images/image_pull.go (registryHosts, registryEndpoints)
 */
export const mirrorHosts = (
  registry: string,
  tables: RegistryTables,
  major: 1 | 2,
  files: NodeFiles,
  fault: (fault: FileFault) => void,
): readonly RegistryHost[] => {
  const tlsFiles = createTlsFiles(files, fault)
  const endpoints = tables.mirrors.get(registry) ?? tables.mirrors.get('*') ?? []
  const mirrors = endpoints.flatMap(endpoint => {
    const url = parseEndpoint(endpoint)
    if (url === undefined) fault({ file: tables.files.join(', '), why: 'names a mirror that is not a URL', refused: true })
    return url ?? []
  })
  const upstream = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const own = { scheme: defaultScheme(upstream), host: upstream, path: '' }
  return (mirrors.some(({ host }) => host === registry) ? mirrors : [...mirrors, own]).map(({ scheme, host, path }) => ({
    scheme,
    host,
    // Unlike in hosts.toml, a path is taken as it is.
    path: path === '' ? '/v2' : path,
    capabilities: major === 1 ? ['pull', 'resolve'] : ['pull', 'resolve', 'referrers'],
    header: {},
    httpFallback: false,
    ...tlsOf(tables.tls.get(host), isLocalhost(registry) && scheme === 'http', tlsFiles, fault),
    dialTimeoutMs: defaultDialTimeoutMs,
  }))
}

/** Without a scheme, `http` for this machine and `https` for others. */
const parseEndpoint = (endpoint: string): ServerUrl | undefined => {
  if (endpoint.includes('://')) return parseUrl(endpoint)
  const host = parseUrl(`any://${endpoint}`)?.host
  return host === undefined ? undefined : parseUrl(`${defaultScheme(host)}://${endpoint}`)
}

const defaultScheme = (host: string): string => (isLocalhost(host) ? 'http' : 'https')

const tlsOf = (tls: RegistryTls | undefined, isPlainLocal: boolean, tlsFiles: TlsFiles, fault: (fault: FileFault) => void) => {
  if (tls === undefined) return { skipVerify: isPlainLocal, ca: [], client: [] }
  const { skipVerify, caFile, certFile, keyFile } = tls
  if ((certFile === '') !== (keyFile === '')) {
    fault({
      file: certFile || keyFile,
      why: certFile === '' ? 'is a key_file without a cert_file' : 'is a cert_file without a key_file',
      refused: true,
    })
    return { skipVerify, ca: [], client: [] }
  }
  return {
    skipVerify,
    // Unlike in hosts.toml, a file without certificates is no error.
    ca: caFile === '' ? [] : tlsFiles.optionalCa(caFile),
    client: certFile === '' ? [] : tlsFiles.client([{ cert: certFile, key: keyFile }]),
  }
}
