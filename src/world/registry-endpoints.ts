import { createHash } from 'node:crypto'
import { namespaceFor } from '../containerd/asking.ts'
import type { RegistryHost } from '../containerd/registry-host.ts'
import { PreflightError } from '../errors.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { HostTls } from './connections.ts'
import { names, type ResolvedHttpOptions } from './http-options.ts'
import type { Credential } from './world.ts'

/** One host that is asked for a registry's images, with all that is sent and believed there and nowhere else. */
export interface Endpoint {
  /** With port, for messages. */
  readonly host: string
  /** The root of the API: `https://mirror.example.com/v2`. */
  readonly root: URL
  /** Of the query parameter that tells a mirror for which registry it is asked. */
  readonly ns: string | undefined
  /** Names in lower case. Secret. */
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly tls: HostTls | undefined
  /** The node's own login, for who has none. */
  readonly login: Credential | undefined
  /** Plain HTTP at the host before it in the list: asked only when that does not speak TLS. */
  readonly instead: boolean
  /** Why nothing can be asked there: a node fails at it each time, and goes on. */
  readonly fault?: PreflightError
  /** Called when such a one is asked, so that TLS is not tried each time. */
  readonly taken?: () => void
}

/** @param root the registry as its reference names it */
export const directEndpoint = (host: string, root: URL): Endpoint => ({
  host,
  root,
  ns: undefined,
  headers: {},
  tls: undefined,
  login: undefined,
  instead: false,
})

/**
 * What a node's settings make of one host: two endpoints where containerd tries HTTPS and then plain HTTP.
 *
 * @param file that names the host, for messages
 * @param plain hosts that were found not to speak TLS; added to
 */
export const endpointsAt = (
  host: RegistryHost,
  image: ImageReference,
  file: string,
  plain: Set<string>,
  options: ResolvedHttpOptions,
): readonly Endpoint[] => {
  const secure = endpointAt(host, host.scheme, image, file)
  if (host.scheme === 'https' && names(options.plainHttpHosts, secure.root)) return [endpointAt(host, 'http', image, file)]
  if (!host.httpFallback) return [secure]
  const insecure = endpointAt(host, 'http', image, file)
  return plain.has(host.host) ? [insecure] : [secure, { ...insecure, instead: true, taken: () => void plain.add(host.host) }]
}

const endpointAt = (host: RegistryHost, scheme: string, image: ImageReference, file: string): Endpoint => {
  const parsed = host.host === '' || !/^https?$/.test(scheme) ? null : URL.parse(`${scheme}://${host.host}`)
  const isHost = parsed !== null && parsed.host !== '' && parsed.pathname === '/'
  const root = isHost ? parsed : new URL('https://invalid')
  root.pathname = host.path
  return {
    host: host.host === '' ? '(no host)' : host.host,
    root,
    ns: namespaceFor(host, image.domain),
    headers: lowerCase(host.header),
    tls: tlsOf(host),
    login: loginOf(host, file),
    instead: false,
    ...(isHost ? {} : { fault: noHost(host, scheme, file) }),
  }
}

const noHost = ({ host }: RegistryHost, scheme: string, file: string): PreflightError =>
  new PreflightError(
    'REGISTRY_NAME_UNRESOLVED',
    `"${printable(`${scheme}://${host}`)}", a host in ${printable(file)}, is nothing that can be asked.`,
    {
      hint: 'Write it as https://host:port.',
    },
  )

const lowerCase = (header: RegistryHost['header']): Endpoint['headers'] => {
  const headers: Record<string, readonly string[]> = Object.create(null) as Record<string, readonly string[]>
  for (const [name, values] of Object.entries(header)) headers[name.toLowerCase()] = [...(headers[name.toLowerCase()] ?? []), ...values]
  return headers
}

const tlsOf = ({ ca, client, skipVerify, dialTimeoutMs }: RegistryHost): HostTls => {
  const settings = {
    caPems: ca.map(({ pem }) => pem),
    clients: client.map(({ cert, key }) => ({ cert: cert.pem, key: key.pem })),
    skipVerify,
  }
  const key = createHash('sha256')
    .update(JSON.stringify([settings, dialTimeoutMs]))
    .digest('hex')
  return { ...settings, dialTimeoutMs, key }
}

const loginOf = ({ login, host }: RegistryHost, file: string): Credential | undefined => {
  if (login === undefined) return undefined
  const { username, password } = login
  const source = { kind: 'node', file, entry: host, username } as const
  return { username, password, ...(username === '' ? { identityToken: password } : {}), source }
}
