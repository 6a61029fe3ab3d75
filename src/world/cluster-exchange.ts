import type { Dispatcher } from 'undici'
import { PreflightError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import { version } from '../version.ts'
import type { Clock } from './clock.ts'
import type { ClusterAnswer } from './cluster-answers.ts'
import { type ClusterAsked, clusterError, wasCut, wasRefused } from './cluster-errors.ts'
import { type Again, againAfter, type RetryOptions, retry } from './retry.ts'

/** How the API server is reached; both hold secrets. */
export interface ClusterConnection {
  /** `https://host:port/path`, without a slash at the end. */
  readonly server: string
  /** Of every request. */
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly dispatcher: Dispatcher
}

export interface ClusterLimits {
  /** For one request with its whole answer. */
  readonly requestTimeoutMs: number
  /** Of an answer. */
  readonly bodyBytes: number
  /** Objects of one page. */
  readonly pageItems: number
  /** Objects of one list. */
  readonly listItems: number
  readonly retry: RetryOptions
}

/** A node has some tens of KB, most of it the images that it has; a Secret at most 1 MiB before base64. */
export const clusterLimits: ClusterLimits = {
  requestTimeoutMs: 30_000,
  bodyBytes: 16 << 20,
  pageItems: 100,
  listItems: 5000,
  retry: { tries: 4 },
}

export interface ClusterExchangeOptions {
  readonly connection: ClusterConnection
  readonly limits: ClusterLimits
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly trace?: ((line: string) => void) | undefined
  readonly meter?: Meter | undefined
}

export type Method = 'GET' | 'POST' | 'DELETE'

export interface ClusterQuestion {
  /** Below the server's address, with a slash before it. */
  readonly path: string
  /** For messages: `get secrets velero/regcred`. */
  readonly what: string
  readonly query?: Readonly<Record<string, string>>
  /** Default GET. */
  readonly method?: Method
  readonly sent?: object | undefined
}

export interface ClusterExchange {
  /** `https://host:port` */
  readonly server: string
  /** Asks again what may well be answered a moment later. @throws PreflightError CLUSTER_… where there is no answer */
  ask(question: ClusterQuestion): Promise<ClusterAnswer>
}

/** One question to the API server after the other, whatever it is about. */
export const createClusterExchange = ({ connection, limits, clock, signal, trace, meter }: ClusterExchangeOptions): ClusterExchange => {
  let answered = false
  const server = new URL(connection.server).origin

  const once = async (url: URL, asked: ClusterAsked, method: Method, sent?: object): Promise<ClusterAnswer> => {
    const startedMs = clock.now()
    const told = (outcome: string) => {
      trace?.(`${method} ${url.origin}${url.pathname}: ${outcome} (${clock.now() - startedMs} ms)`)
      meter?.({ kind: 'request', to: 'cluster', method, outcome })
    }
    try {
      signal.throwIfAborted()
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limits.requestTimeoutMs)])
      const asking = connection.dispatcher.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        ...(sent && { body: JSON.stringify(sent) }),
        headers: {
          ...(sent && { 'content-type': 'application/json' }),
          'user-agent': `velero-plugin-preflight/${version}`,
          accept: 'application/json, */*',
          ...connection.headers,
        },
        signal: limit,
      })
      const { statusCode, headers, body } = await within(asking, limit)
      const bytes = await readBody(body, limits.bodyBytes, asked)
      told(String(statusCode))
      meter?.({ kind: 'received', to: 'cluster', bytes: bytes.length })
      answered = true
      const { 'retry-after': retryAfter } = headers
      return { status: statusCode, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, body: bytes }
    } catch (cause) {
      const error = signal.aborted && signal.reason instanceof PreflightError ? signal.reason : clusterError(cause, asked)
      told(error.code)
      throw error
    }
  }

  const judge = {
    value: ({ status, retryAfter }: ClusterAnswer): Again => againAfter(status, retryAfter, clock.now()),
    error: (error: unknown): Again => (wasCut(error) || (answered && wasRefused(error)) ? { afterMs: undefined } : undefined),
  }

  return {
    server,
    ask({ path, what, query = {}, method = 'GET', sent }) {
      const url = new URL(`${connection.server}${path}`)
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
      return retry(() => once(url, { server, what }, method, sent), judge, limits.retry, clock, signal)
    },
  }
}

/** undici looks at a signal only once there is a connection. */
const within = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })

const readBody = async (body: AsyncIterable<Uint8Array>, limitBytes: number, { server, what }: ClusterAsked): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let sizeBytes = 0
  for await (const piece of body) {
    sizeBytes += piece.length
    if (sizeBytes > limitBytes)
      throw new PreflightError('CLUSTER_TOO_LARGE', `The API server ${server} sent more than ${limitBytes} bytes at once (${what}).`, {
        hint: 'Check that the kubeconfig names an API server.',
      })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
