import type { ImageReference } from '../oci/reference.ts'
import type { Exchange, ExchangeRequest } from './exchange.ts'
import type { Endpoint } from './registry-endpoints.ts'
import type { Hosts } from './registry-hosts.ts'
import type { Credential } from './world.ts'

/** What the parts of the registry client share. */
export interface RegistryContext {
  readonly exchange: Exchange
  readonly hosts: Hosts
  nowMs(): number
  /** Waits before a download is taken up again. @param failures in a row, from 1 */
  pause(failures: number): Promise<void>
  /** Ends with `signal` too. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>
  /** Whether the root of the API answers as a registry's does (distribution-spec 1.1 "Determining Support"). */
  isRegistry(endpoint: Endpoint, image: ImageReference, as: Credential | undefined): Promise<boolean>
}

/** The right that is asked for, and no other. */
export const pullScope = ({ repository }: ImageReference): string => `repository:${repository}:pull`

/** The question for a repository's `path` at one of its hosts: `manifests/v1`. */
export const requestAt = (
  endpoint: Endpoint,
  image: ImageReference,
  path: string,
  what: string,
  as: Credential | undefined,
): Pick<ExchangeRequest, 'url' | 'scope' | 'as' | 'at' | 'what'> => {
  const url = new URL(endpoint.root)
  url.pathname = `${endpoint.root.pathname.replace(/\/$/, '')}/${image.repository}/${path}`
  if (endpoint.ns !== undefined) url.searchParams.set('ns', endpoint.ns)
  return { url, scope: pullScope(image), as: loginAt(endpoint, as), at: endpoint, what }
}

/**
 * containerd offers what kubelet gave it to every host of the registry, mirrors too. What no node has goes to the registry
 * itself alone.
 */
export const loginAt = ({ ns, login }: Endpoint, as: Credential | undefined): Credential | undefined => {
  const isUsers = as?.source.kind === 'dockerConfig' || as?.source.kind === 'license'
  return isUsers && ns !== undefined ? undefined : (as ?? login)
}
