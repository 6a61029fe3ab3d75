import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { PreflightError } from '../errors.ts'
import { redactUrl } from '../redact.ts'
import { version } from '../version.ts'
import type { AddressKind } from './addresses.ts'
import { createConnections, type HostTls } from './connections.ts'
import { type Asked, bodyError, connectionError, ForbiddenAddress } from './http-errors.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import { createNameLookup } from './name-lookup.ts'
import { createYoungMemory } from './young-memory.ts'

export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>

export interface HttpRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /** http or https, without userinfo. */
  readonly url: URL
  /** Lower-case names. */
  readonly headers?: HttpHeaders
  /** Of this host; a redirect elsewhere goes without. */
  readonly tls?: HostTls | undefined
  readonly body?: string
  /** What is wanted, for messages. */
  readonly what: string
  /** False for a URL that a registry named which is not on this machine itself. */
  readonly allowLoopback?: boolean
}

export interface HttpResponse {
  readonly status: number
  /** Host and port of the proxy between. */
  readonly proxy: string | undefined
  /** All values of a header, in order. */
  values(name: string): readonly string[]
  /** The first value. */
  header(name: string): string | undefined
  /** As served. Throws PreflightError BODY_TRUNCATED, REGISTRY_TIMEOUT. To leave the loop closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives the body up. */
  discard(): Promise<void>
}

/** One request and its answer: no redirects, no retries, no login. */
export interface Http {
  /** @throws PreflightError REGISTRY_NAME_UNRESOLVED, REGISTRY_UNREACHABLE, REGISTRY_TLS, REGISTRY_TIMEOUT, REGISTRY_PROTOCOL */
  request(request: HttpRequest): Promise<HttpResponse>
  /** What is known of the address of a URL's host. */
  kindOf(url: URL): AddressKind
  close(): Promise<void>
}

/** A body that is not wanted is read to its end when it is no longer than this, so that the connection can be used again. */
const dumpBytes = 64 << 10

/** undici's `request`, and not `fetch`, which decodes bodies and so changes their digests. */
export const createHttp = (options: ResolvedHttpOptions): Http => {
  const lookup = createNameLookup(options.lookup)
  const connections = createConnections(options, lookup)
  const { clock, signal, trace, meter } = options
  const young = createYoungMemory()
  const received = (bytes: number) => {
    young(bytes)
    meter?.({ kind: 'received', to: 'registry', bytes })
  }

  return {
    kindOf: lookup.kindOf,
    close: connections.close,
    async request({ method = 'GET', url, headers = {}, tls, body, what, allowLoopback = true }) {
      let proxy: string | undefined
      const startedMs = clock.now()
      const told = (outcome: string) => {
        trace?.(`${method} ${redactUrl(url)}: ${outcome} (${clock.now() - startedMs} ms)`)
        meter?.({ kind: 'request', to: 'registry', method, outcome })
      }
      const asked = (): Asked => ({ host: url.host, what, proxy })
      try {
        signal?.throwIfAborted()
        refuseForbidden(lookup.kindOf(url), allowLoopback)
        const connection = await connections.to(url, allowLoopback, tls)
        proxy = connection.proxy
        const answer = await connection.dispatcher.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers: { 'user-agent': `velero-plugin-preflight/${version}`, 'accept-encoding': 'identity', ...plainHeaders(headers) },
          body: body ?? null,
          signal: signal ?? null,
        })
        told(String(answer.statusCode))
        return responseOf(answer, asked(), received, signal)
      } catch (error) {
        const failed = abortReason(signal) ?? connectionError(error, asked())
        told(failed.code)
        throw failed
      }
    },
  }
}

/** undici takes lists, but no readonly ones. */
const plainHeaders = (headers: HttpHeaders): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]))

const responseOf = (
  { statusCode, headers, body }: Dispatcher.ResponseData,
  asked: Asked,
  received: (bytes: number) => void,
  signal: AbortSignal | undefined,
): HttpResponse => {
  const values = (name: string) => [headers[name] ?? []].flat()
  return {
    status: statusCode,
    proxy: asked.proxy,
    values,
    header: name => values(name)[0],
    body: {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of body as AsyncIterable<Uint8Array>) {
            received(chunk.length)
            yield chunk
          }
          // undici takes a connection for busy until the next turn of the loop: whoever asks more at once would wait for a
          // new one, two round trips away.
          await nextTurn()
        } catch (error) {
          throw abortReason(signal) ?? bodyError(error, asked)
        }
      },
    },
    discard: () => body.dump({ limit: dumpBytes }).catch(() => undefined),
  }
}

const refuseForbidden = (kind: AddressKind, allowLoopback: boolean): void => {
  if (kind === 'forbidden') throw new ForbiddenAddress('it is a link-local or metadata address')
  if (kind === 'loopback' && !allowLoopback) throw new ForbiddenAddress('it is this machine itself')
}

/** Why everything was ended, if it was. */
const abortReason = (signal: AbortSignal | undefined): PreflightError | undefined => {
  if (signal?.aborted !== true) return undefined
  const { reason } = signal
  return reason instanceof PreflightError
    ? reason
    : new PreflightError('INTERRUPTED', 'The run was ended before the registry had answered.', { cause: reason })
}
