import type { Dispatcher } from 'undici'
import { PreflightError } from '../errors.ts'
import { type Call, calls, callWords, type LogCall, pathOf } from '../kubernetes/calls.ts'
import { type JsonObject, listAt, textAt } from '../kubernetes/objects.ts'
import type { Meter } from '../meter.ts'
import { version } from '../version.ts'
import type { Clock } from './clock.ts'
import { type ClusterAnswer, isNoLog, isNotFound, noApiServer, objectOf, requireOk, tooMany } from './cluster-answers.ts'
import { type ClusterAsked, clusterError, wasCut, wasRefused } from './cluster-errors.ts'
import { type Again, againAfter, type RetryOptions, retry } from './retry.ts'
import { loadUndici } from './undici.ts'
import type { ClusterReader, LogPart } from './world.ts'

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

export interface ClusterRequestsOptions {
  readonly connection: ClusterConnection
  readonly limits: ClusterLimits
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly trace?: ((line: string) => void) | undefined
  readonly meter?: Meter | undefined
}

/** What changes a cluster: only what a flag asks for. */
export interface ClusterWrites {
  /** Of a fixed name, so that it can be sent again; one that is there already is taken for the one that was sent. @throws PreflightError CLUSTER_… */
  create(call: Call, object: JsonObject): Promise<void>
  /** What is gone already is gone. @throws PreflightError CLUSTER_… */
  remove(call: Call): Promise<void>
}

type Method = 'GET' | 'POST' | 'DELETE'

/** To the one who is only to read, `writes` is not given. */
export const createClusterRequests = ({
  connection,
  limits,
  clock,
  signal,
  trace,
  meter,
}: ClusterRequestsOptions): ClusterReader & { readonly writes: ClusterWrites } => {
  let answered = false
  const server = new URL(connection.server).origin

  const once = async (url: URL, asked: ClusterAsked, method: Method, sent?: JsonObject): Promise<ClusterAnswer> => {
    const startedMs = clock.now()
    const told = (outcome: string) => {
      trace?.(`${method} ${url.origin}${url.pathname}: ${outcome} (${clock.now() - startedMs} ms)`)
      meter?.({ kind: 'request', to: 'cluster', method, outcome })
    }
    try {
      signal.throwIfAborted()
      const { request } = await loadUndici()
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limits.requestTimeoutMs)])
      const asking = request(url, {
        method,
        ...(sent && { body: JSON.stringify(sent) }),
        headers: {
          ...(sent && { 'content-type': 'application/json' }),
          'user-agent': `velero-plugin-preflight/${version}`,
          accept: 'application/json, */*',
          ...connection.headers,
        },
        dispatcher: connection.dispatcher,
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

  const ask = (
    call: Call,
    query: Readonly<Record<string, string>> = {},
    method: Method = 'GET',
    sent?: JsonObject,
  ): Promise<ClusterAnswer> => {
    const url = new URL(`${connection.server}${pathOf(call)}`)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    return retry(() => once(url, { server, what: callWords(call) }, method, sent), judge, limits.retry, clock, signal)
  }

  /** One page after the other; from the start again, once, when the server has forgotten the place (410). */
  const pages = async (call: Call, restarts: number): Promise<readonly unknown[] | undefined> => {
    const items: unknown[] = []
    let place = ''
    do {
      const answer = await ask(call, { limit: String(limits.pageItems), ...(place === '' ? {} : { continue: place }) })
      if (answer.status === 410 && restarts > 0) return pages(call, restarts - 1)
      // Nodes every API server knows.
      if (answer.status === 404 && place === '' && calls[call.call].group !== '') return undefined
      const page = objectOf(answer, call, server)
      items.push(...listAt(page, 'items'))
      if (items.length > limits.listItems) throw tooMany(call, server, limits.listItems)
      const next = textAt(page, 'metadata', 'continue') ?? ''
      if (next !== '' && next === place) throw noApiServer(call, server, 'it gives the same page again and again')
      place = next
    } while (place !== '')
    return items
  }

  return {
    writes: {
      async create(call, object) {
        const answer = await ask(call, {}, 'POST', object)
        if (answer.status !== 201 && answer.status !== 409) requireOk(answer, call, server)
      },
      async remove(call) {
        const answer = await ask(call, {}, 'DELETE')
        if (answer.status !== 202 && !isNotFound(answer)) requireOk(answer, call, server)
      },
    },
    list: call => pages(call, 1),
    async get(call) {
      const answer = await ask(call)
      if (isNotFound(answer)) return undefined
      const object = objectOf(answer, call, server)
      const name = textAt(object, 'metadata', 'name')
      // What it says of another object must not be taken for what was asked.
      if (name !== call.name) throw noApiServer(call, server, `it gives ${name === undefined ? 'no object' : 'another object'}`)
      return object
    },
    async log(call, part) {
      const answer = await ask(call, logQuery(call, part))
      if (isNoLog(answer)) return undefined
      requireOk(answer, call, server)
      const bytes = Buffer.from(answer.body)
      const { from, limitBytes } = part
      const kept = from === 'start' ? bytes.subarray(0, limitBytes) : bytes.subarray(Math.max(0, bytes.length - limitBytes))
      return { text: kept.toString('utf8'), cut: bytes.length >= limitBytes || (from === 'end' && linesOf(bytes) >= tailLines) }
    },
  }
}

/** An API server that is asked for the last lines and so many bytes gives the first bytes of these lines: few lines are asked for. */
const tailLines = 200

const logQuery = ({ container, previous }: LogCall, { from, limitBytes }: LogPart): Readonly<Record<string, string>> => ({
  container,
  ...(previous === true ? { previous: 'true' } : {}),
  ...(from === 'end' ? { tailLines: String(tailLines) } : {}),
  limitBytes: String(limitBytes),
})

const linesOf = (bytes: Uint8Array): number => bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)

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
