import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, json, refusal } from './registry-auth.ts'
import { indexType, type Store } from './registry-store.ts'

export interface RouteOptions {
  readonly referrers?: boolean
  readonly range?: boolean
  readonly pageSize?: number
}

/** The answer of a registry that does everything right (distribution-spec 1.1, "Pull" and "Content Discovery"). */
export const route = (store: Store, options: RouteOptions, method: string, url: URL, headers: IncomingHttpHeaders): Answer => {
  if (url.pathname === '/v2/' || url.pathname === '/v2') return json(200, {})
  const [, repository = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(url.pathname) ?? []
  if (kind === undefined) return { status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('404 page not found\n') }
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'UNSUPPORTED')
  if (kind === 'referrers')
    return options.referrers === false ? refusal(404, 'NOT_FOUND') : referrers(store, options, repository, reference, url)
  if (!store.has(repository)) return refusal(404, 'NAME_UNKNOWN')
  if (kind === 'blobs') {
    const bytes = store.blob(repository, reference)
    return bytes === undefined ? refusal(404, 'BLOB_UNKNOWN') : blob(bytes, reference, options.range === false ? undefined : headers.range)
  }
  const found = store.manifest(repository, reference)
  if (found === undefined) return refusal(404, 'MANIFEST_UNKNOWN')
  return { status: 200, headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest }, body: found.bytes }
}

const referrers = (store: Store, { pageSize }: RouteOptions, repository: string, digest: string, url: URL): Answer => {
  const all = store.referrers(repository, digest)
  const from = Number(url.searchParams.get('from') ?? 0)
  const to = pageSize === undefined ? all.length : from + pageSize
  const index = { schemaVersion: 2, mediaType: indexType, manifests: all.slice(from, to) }
  const next: Answer['headers'] = to < all.length ? { link: `<${url.pathname}?from=${to}>; rel="next"` } : {}
  return json(200, index, { 'content-type': indexType, ...next })
}

const blob = (bytes: Uint8Array, digest: string, range: string | undefined): Answer => {
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined) return { status: 200, headers, body: bytes }
  const start = Number(first)
  const end = Math.min(last === '' ? Number.POSITIVE_INFINITY : Number(last), bytes.length - 1)
  if (start > end) return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` }, body: Buffer.alloc(0) }
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${bytes.length}` },
    body: bytes.subarray(start, end + 1),
  }
}
