import { fetchingHosts, resolvingHosts } from '../containerd/asking.ts'
import { isLocalhost } from '../containerd/host-port.ts'
import type { HostsProblem, RegistryHost, RegistryHosts } from '../containerd/registry-host.ts'
import { PreflightError } from '../errors.ts'
import type { NodeRoute } from '../facts/image.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { HostsOf } from './hosts-dir.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import { directEndpoint, type Endpoint, endpointsAt } from './registry-endpoints.ts'

/** `tag`: to learn what it points at; `fetch`: for manifests by digest, and blobs. */
export type Wanted = 'tag' | 'fetch'

/** Whom to ask for a registry's images: as a node's settings say, or without any the registry itself. */
export interface Hosts {
  /** In order, never empty. @throws PreflightError NODE_HOSTS_REFUSED, NODE_HOSTS_UNREAD, REGISTRY_NAME_UNRESOLVED … */
  endpoints(image: ImageReference, wanted: Wanted, what: string): Promise<readonly Endpoint[]>
  route(image: ImageReference): NodeRoute | undefined
}

/** @param originOf where a registry is that no settings speak of */
export const createHosts = (
  hostsOf: HostsOf | undefined,
  originOf: (host: string, what: string) => Promise<URL>,
  options: ResolvedHttpOptions,
): Hosts => {
  const known = new Map<string, RegistryHosts>()
  const plain = new Set<string>()
  const settingsOf = ({ domain }: ImageReference): RegistryHosts | undefined => {
    if (hostsOf === undefined || domain === '') return undefined
    const found = known.get(domain) ?? hostsOf(domain)
    known.set(domain, found)
    return found
  }
  const direct = async (image: ImageReference, what: string): Promise<Endpoint> => {
    const root = await originOf(image.host, what)
    root.pathname = '/v2'
    return directEndpoint(image.host, root)
  }
  return {
    async endpoints(image, wanted, what) {
      const settings = settingsOf(image)
      if (settings === undefined) return [await direct(image, what)]
      if (!settings.ok) throw refused(settings)
      const file = filesOf(settings).join(', ')
      const asked = wanted === 'tag' ? resolvingHosts(settings.hosts, 'tag') : fetchingHosts(settings.hosts)
      const [own] = asked
      if (own === undefined) throw nobody(settings.registry, file, wanted)
      const endpoints = asked.flatMap(host => endpointsAt(host, image, file, plain, options))
      // Nobody speaks of this registry: its own address, found as without any settings, with what is said of all hosts.
      if (settings.source.kind !== 'none') return endpoints
      return [
        { ...endpoints[0]!, ...(await direct(image, what).then(({ host, root }) => ({ host, root }))), tls: undefined, instead: false },
      ]
    },
    route(image) {
      const settings = settingsOf(image)
      return settings === undefined ? undefined : routeOf(settings)
    },
  }
}

const filesOf = ({ source }: RegistryHosts): readonly string[] => {
  if (source.kind === 'hostsToml') return [source.file]
  if (source.kind === 'certificates') return [source.folder]
  return source.kind === 'mirrors' ? source.files : []
}

const refused = ({ refused: certain, message, hint }: Extract<RegistryHosts, { ok: false }>): PreflightError =>
  new PreflightError(certain ? 'NODE_HOSTS_REFUSED' : 'NODE_HOSTS_UNREAD', message, { hint })

const nobody = (registry: string, file: string, wanted: Wanted): PreflightError => {
  const may = wanted === 'tag' ? 'pull and resolve' : 'pull'
  return new PreflightError(
    'NODE_HOSTS_REFUSED',
    `A node pulls nothing from ${printable(registry)}: no host that ${printable(file)} names has the capabilities to ${may}.`,
    { hint: `Give one of them capabilities = ["pull", "resolve"] in that file.` },
  )
}

const off: ReadonlySet<HostsProblem['kind']> = new Set(['fileInvalid', 'hostUnread', 'foldersUnread'])

const routeOf = (settings: RegistryHosts): NodeRoute => ({
  files: filesOf(settings),
  hosts: settings.ok && settings.source.kind !== 'none' ? settings.hosts.map(hostOf) : [],
  problems: settings.problems.map(({ kind, message }) => ({ effect: off.has(kind) ? 'off' : 'doubtful', message })),
})

const hostOf = (host: RegistryHost): NodeRoute['hosts'][number] => ({
  host: printable(host.host),
  // Nobody stands between a node and itself.
  plain: (host.scheme === 'http' || host.httpFallback) && !isLocalhost(host.host),
  unverified: host.skipVerify && host.scheme === 'https' && !isLocalhost(host.host),
  resolves: resolvingHosts([host], 'tag').length > 0,
})
