import type { SecureContext } from 'node:tls'
import type { Dispatcher, Pool } from 'undici'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { names, type ResolvedHttpOptions } from './http-options.ts'
import type { NameLookup } from './name-lookup.ts'
import { proxyFor } from './proxy-rules.ts'
import { secureContext } from './tls-roots.ts'
import { loadUndici } from './undici.ts'

/** What a node's settings say of the connection to one host. */
export interface HostTls {
  /** Trusted besides the machine's roots, there alone. */
  readonly caPems: readonly string[]
  /** PEM. Secret. */
  readonly clients: readonly { readonly cert: string; readonly key: string }[]
  readonly skipVerify: boolean
  /** 0: no limit of its own; below 0: it fails at once. */
  readonly dialTimeoutMs: number
  /** Tells one from another, without its secrets. */
  readonly key: string
}

export interface Connections {
  /** The pool for a URL's origin, and the proxy that it goes through (host and port alone). */
  to(url: URL, allowLoopback: boolean, tls?: HostTls): Promise<{ readonly dispatcher: Dispatcher; readonly proxy: string | undefined }>
  close(): Promise<void>
}

/** undici's own windows hold a download at 10 MB/s when an answer takes 50 ms (its issue 4705). */
const h2Options = { connectionWindowSize: 16 << 20, settings: { initialWindowSize: 8 << 20 } }

/** Pools of connections, one for each origin, made when first asked for. */
export const createConnections = (options: ResolvedHttpOptions, lookup: NameLookup): Connections => {
  const pools = new Map<string, Dispatcher>()
  const contexts = new Map<string, SecureContext>()

  const poolOptions: Pool.Options = {
    connections: options.connectionsPerHost,
    connectTimeout: options.connectTimeoutMs,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
    h2Options,
  }
  const tlsOptions = (url: URL, tls?: HostTls) => {
    if (url.protocol !== 'https:') return {}
    const key = tls?.key ?? ''
    const context = contexts.get(key) ?? secureContext([...options.caPems, ...(tls?.caPems ?? [])], tls?.clients, options.rootPems)
    contexts.set(key, context)
    return { secureContext: context, rejectUnauthorized: tls?.skipVerify !== true && !names(options.insecureSkipTlsVerifyHosts, url) }
  }
  const connectTimeoutOf = (url: URL, tls?: HostTls): number => {
    const { dialTimeoutMs = 0 } = tls ?? {}
    if (dialTimeoutMs >= 0) return dialTimeoutMs === 0 ? options.connectTimeoutMs : Math.min(dialTimeoutMs, options.connectTimeoutMs)
    throw new PreflightError('REGISTRY_TIMEOUT', `${url.host} cannot be reached: its dial_timeout is below zero.`, {
      hint: 'Correct dial_timeout in hosts.toml, or leave it out.',
    })
  }

  return {
    async to(url, allowLoopback, tls) {
      const connectTimeoutMs = connectTimeoutOf(url, tls)
      const { Pool, ProxyAgent } = await loadUndici()
      const address = proxyFor(options.proxy, url)
      const proxy = address === undefined ? undefined : proxyUrl(address, url)
      const key = `${url.origin} ${allowLoopback} ${tls?.key ?? ''}`
      const dispatcher =
        pools.get(key) ??
        (proxy === undefined
          ? new Pool(url.origin, {
              ...poolOptions,
              connect: { ...tlsOptions(url, tls), timeout: connectTimeoutMs, lookup: lookup.forSockets(allowLoopback) },
            })
          : new ProxyAgent({
              ...poolOptions,
              uri: proxy.href,
              requestTls: tlsOptions(url, tls),
              proxyTls: { ...tlsOptions(proxy), lookup: lookup.forSockets(true) },
            }))
      pools.set(key, dispatcher)
      return { dispatcher, proxy: proxy?.host }
    },
    async close() {
      const open = [...pools.values()]
      pools.clear()
      // Not close(): that waits for bodies that nobody will read to their end.
      await Promise.all(open.map(pool => pool.destroy()))
    },
  }
}

/** What Go takes for a proxy may be none that can be used: a fail, never a way around it. */
const proxyUrl = (address: string, { host }: URL): URL => {
  // The URL parser would take the x of http:////x for a host.
  const url = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(address) ? URL.parse(address) : null
  if (url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol)) return withoutPath(url)
  const what = url === null ? 'is not an address' : `is of the kind ${printable(url.protocol)}// that is not supported here`
  throw new PreflightError('REGISTRY_UNREACHABLE', `${host} was not contacted: the proxy that the environment names for it ${what}.`, {
    hint: 'Set HTTPS_PROXY (or HTTP_PROXY for plain HTTP) to http://host:port, or name the registry in NO_PROXY.',
  })
}

const withoutPath = (url: URL): URL => {
  const { origin, username, password } = url
  return Object.assign(new URL(origin), { username, password })
}
