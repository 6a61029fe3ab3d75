import type { SecureContext } from 'node:tls'
import type { Dispatcher, Pool } from 'undici'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { names, type ResolvedHttpOptions } from './http-options.ts'
import type { NameLookup } from './name-lookup.ts'
import { proxyFor } from './proxy-rules.ts'
import { secureContext } from './tls-roots.ts'

export interface Connections {
  /** The pool for a URL's origin, and the proxy that it goes through (host and port alone). */
  to(url: URL, allowLoopback: boolean): Promise<{ readonly dispatcher: Dispatcher; readonly proxy: string | undefined }>
  close(): Promise<void>
}

/** undici's own windows hold a download at 10 MB/s when an answer takes 50 ms (its issue 4705). */
const h2Options = { connectionWindowSize: 16 << 20, settings: { initialWindowSize: 8 << 20 } }

/** Pools of connections, one for each origin, made when first asked for. */
export const createConnections = (options: ResolvedHttpOptions, lookup: NameLookup): Connections => {
  const pools = new Map<string, Dispatcher>()
  let context: SecureContext | undefined

  const poolOptions: Pool.Options = {
    connections: options.connectionsPerHost,
    connectTimeout: options.connectTimeoutMs,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.idleTimeoutMs,
    h2Options,
  }
  const tlsOptions = (url: URL) => {
    if (url.protocol !== 'https:') return {}
    context ??= secureContext(options.caPems)
    return { secureContext: context, rejectUnauthorized: !names(options.insecureSkipTlsVerifyHosts, url) }
  }

  return {
    async to(url, allowLoopback) {
      const { Pool, ProxyAgent } = await import('undici')
      const address = proxyFor(options.proxy, url)
      const proxy = address === undefined ? undefined : proxyUrl(address, url)
      const key = `${url.origin} ${allowLoopback}`
      const dispatcher =
        pools.get(key) ??
        (proxy === undefined
          ? new Pool(url.origin, {
              ...poolOptions,
              connect: { ...tlsOptions(url), timeout: options.connectTimeoutMs, lookup: lookup.forSockets(allowLoopback) },
            })
          : new ProxyAgent({
              ...poolOptions,
              uri: proxy.href,
              requestTls: tlsOptions(url),
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
