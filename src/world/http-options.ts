import type { Meter } from '../meter.ts'
import { type Clock, systemClock } from './clock.ts'
import type { ProxySettings } from './proxy-rules.ts'

/** How registries are reached. Hosts are `host` (any port) or `host:port`, as in an image reference. */
export interface HttpOptions {
  /** PEM certificates that are trusted besides the machine's roots. */
  readonly caPems?: readonly string[]
  /** PEM certificates that take the place of the machine's roots: those of a node. */
  readonly rootPems?: readonly string[] | undefined
  /** Hosts that are asked in plain HTTP. Loopback hosts are found out by themselves. */
  readonly plainHttpHosts?: readonly string[]
  /** Hosts whose certificate is not checked. */
  readonly insecureSkipTlsVerifyHosts?: readonly string[]
  /** Default: none. */
  readonly proxy?: ProxySettings
  /** To connect, TLS handshake included; default 10 s. */
  readonly connectTimeoutMs?: number
  /** From the request to the last header of its answer; default 30 s. */
  readonly headersTimeoutMs?: number
  /** Between two pieces of a body; default 30 s. */
  readonly idleTimeoutMs?: number
  /** For a whole body that is read into memory (manifest, token); default 60 s. */
  readonly bodyTimeoutMs?: number
  /**
   * Connections to one host, of HTTP/1.1; default 64: all places of the images that are looked at together
   * (`collectors/signature.ts`) at the same time, and none of the layers that are read beside them waits.
   */
  readonly connectionsPerHost?: number
  /** Ends everything that is under way. Its reason is thrown when that is a PreflightError. */
  readonly signal?: AbortSignal
  /** A line for each request, without secrets (`--debug`). */
  readonly trace?: (line: string) => void
  /** Told of each request and of what comes. */
  readonly meter?: Meter | undefined
  /** Addresses of a name; default the system's resolver. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>
  /** Default: the system's. */
  readonly clock?: Clock
}

/** The options with every default filled in. */
export type ResolvedHttpOptions = Required<Omit<HttpOptions, 'signal' | 'lookup' | 'trace' | 'meter' | 'rootPems'>> &
  Pick<HttpOptions, 'signal' | 'lookup' | 'trace' | 'meter' | 'rootPems'>

export const resolveHttpOptions = (options: HttpOptions): ResolvedHttpOptions => ({
  caPems: [],
  plainHttpHosts: [],
  insecureSkipTlsVerifyHosts: [],
  proxy: {},
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  idleTimeoutMs: 30_000,
  bodyTimeoutMs: 60_000,
  connectionsPerHost: 64,
  clock: systemClock,
  ...options,
})

/** Whether a list of hosts names this one: with its port, or without any. */
export const names = (hosts: readonly string[], url: URL): boolean => {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return hosts.some(host => [url.hostname, `${url.hostname}:${port}`].includes(host.toLowerCase()))
}
