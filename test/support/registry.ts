import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Digest } from '../../src/digest.ts'
import { createGuard, type Guard, type TestAuth } from './registry-auth.ts'
import { type Fault, send, spoil } from './registry-faults.ts'
import { route } from './registry-routes.ts'
import { createStore, documentOf, indexType, type Store } from './registry-store.ts'

export type { TestAuth, TestUser } from './registry-auth.ts'
export type { Fault } from './registry-faults.ts'

export interface TestRegistryOptions {
  /** Default: anybody may pull everything. */
  readonly auth?: TestAuth
  /** PEM; without it the registry speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** Whether there is a referrers API, default true; without it the fallback tag is kept, as a client that pushes does. */
  readonly referrers?: boolean
  /** Whether Range requests are honoured, default true. */
  readonly range?: boolean
  /** Referrers of one page, with a Link to the next; default all. */
  readonly pageSize?: number
  /** In `host`; default 127.0.0.1, and `localhost` reaches the same. */
  readonly name?: string
}

/** An image as an image builder makes it. */
export interface PushedImage {
  readonly blobs: ReadonlyMap<string, Uint8Array>
  /** Image manifest or index. What an index lists and `blobs` holds is put as manifest too. */
  readonly manifest: { readonly mediaType: string; readonly bytes: Uint8Array }
}

export interface LoggedRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Of the answer; absent while there is none. */
  status?: number
}

export interface TestRegistry {
  /** `127.0.0.1:<port>`: what stands before the repository in an image reference. */
  readonly host: string
  /** `http://` or `https://` and host. */
  readonly origin: string
  /** Every request in the order of arrival; may be emptied. */
  readonly requests: LoggedRequest[]
  /** Puts an image with its blobs; gives the manifest's digest. */
  push(repository: string, tag: string | undefined, image: PushedImage): Digest
  putBlob(repository: string, bytes: Uint8Array): Digest
  /** `reference` is a tag, undefined, or a digest (also one that is wrong). */
  putManifest(repository: string, reference: string | undefined, mediaType: string, bytes: Uint8Array): Digest
  /** For requests whose path (with query) holds or matches `match`; the newest first, `times` times (default: always). */
  fault(match: string | RegExp, fault: Fault, times?: number): void
  clearFaults(): void
  close(): Promise<void>
}

/** A registry in this process on a free port of 127.0.0.1 (OCI distribution-spec 1.1, the pull and discovery part). */
export const startRegistry = async (options: TestRegistryOptions = {}): Promise<TestRegistry> => {
  const store = createStore()
  const requests: LoggedRequest[] = []
  let faults: { readonly match: string | RegExp; readonly fault: Fault; left: number }[] = []
  let origin = ''
  const guard = createGuard(options.auth, () => origin)

  const faultOf = (path: string): Fault | undefined => {
    const found = faults.find(({ match, left }) => left > 0 && (typeof match === 'string' ? path.includes(match) : match.test(path)))
    if (found !== undefined) found.left--
    return found?.fault
  }
  const listener: RequestListener = (request, response) => {
    void answer(request, response).catch(() => response.socket?.destroy())
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request
    const logged: LoggedRequest = { method, path: url, headers }
    requests.push(logged)
    const body = await textOf(request)
    const fault = faultOf(url)
    const right = answerOf({ store, guard, options }, method, new URL(url, origin), headers, body)
    const made = spoil(right, fault, url)
    logged.status = made.status
    await send(response, made, fault, method === 'HEAD')
  }
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const host = `${options.name ?? '127.0.0.1'}:${(server.address() as AddressInfo).port}`
  origin = `${options.tls === undefined ? 'http' : 'https'}://${host}`

  const putManifest: TestRegistry['putManifest'] = (repository, reference, mediaType, bytes) => {
    const digest = store.putManifest(repository, reference, mediaType, bytes)
    const subject = documentOf(bytes).subject?.digest
    if (subject !== undefined && options.referrers === false) putFallbackTag(store, repository, subject)
    return digest
  }
  return {
    host,
    origin,
    requests,
    putManifest,
    putBlob: (repository, bytes) => store.putBlob(repository, bytes),
    push(repository, tag, { blobs, manifest }) {
      for (const bytes of blobs.values()) store.putBlob(repository, bytes)
      for (const child of documentOf(manifest.bytes).manifests ?? []) {
        const bytes = blobs.get(child.digest)
        if (bytes !== undefined) putManifest(repository, undefined, child.mediaType, bytes)
      }
      return putManifest(repository, tag, manifest.mediaType, manifest.bytes)
    },
    fault: (match, fault, times = Number.POSITIVE_INFINITY) => void faults.unshift({ match, fault, left: times }),
    clearFaults() {
      faults = []
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const answerOf = (
  { store, guard, options }: { store: Store; guard: Guard; options: TestRegistryOptions },
  method: string,
  url: URL,
  headers: IncomingHttpHeaders,
  body: string,
) =>
  url.pathname === '/token'
    ? guard.token(method, url, headers, body)
    : (guard.check(headers, /^\/v2\/(.+)\/(?:manifests|blobs|referrers)\//.exec(url.pathname)?.[1]) ??
      route(store, options, method, url, headers))

/** distribution-spec 1.1 "Referrers Tag Schema". */
const putFallbackTag = (store: Store, repository: string, subject: string): void => {
  const index = { schemaVersion: 2, mediaType: indexType, manifests: store.referrers(repository, subject) }
  store.putManifest(repository, subject.replace(':', '-'), indexType, Buffer.from(JSON.stringify(index)))
}

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
