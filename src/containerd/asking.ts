import type { RegistryHost } from './registry-host.ts'

/** What is asked for: a tag has first to be resolved to a digest. */
export type Wanted = 'tag' | 'digest'

/**
 * The hosts that containerd asks (HEAD) for what a reference points at, in order, until one answers below 300: with a tag
 * those that may `resolve`, with a digest all that may `pull`. Empty: nothing can be pulled.
 *
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/remotes/docker/resolver.go (Resolve)
 */
export const resolvingHosts = (hosts: readonly RegistryHost[], wanted: Wanted): readonly RegistryHost[] =>
  hosts.filter(({ capabilities }) => capabilities.includes('pull') && (wanted === 'digest' || capabilities.includes('resolve')))

/**
 * The hosts that containerd asks for manifests by digest and for blobs: all of them, whatever they are capable of, once any
 * may `pull` (fetcher.go Fetch looks at the capabilities only to see that there is one).
 */
export const fetchingHosts = (hosts: readonly RegistryHost[]): readonly RegistryHost[] =>
  hosts.some(({ capabilities }) => capabilities.includes('pull')) ? hosts : []

/**
 * The value of the query parameter `ns` that tells a mirror for which registry it is asked; undefined: none is sent
 * (registry.go isProxy).
 */
export const namespaceFor = ({ host }: Pick<RegistryHost, 'host'>, registry: string): string | undefined =>
  host === registry || (registry === 'docker.io' && host === 'registry-1.docker.io') ? undefined : registry
