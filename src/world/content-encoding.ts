import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { PreflightError } from '../errors.ts'
import type { HttpResponse } from './http.ts'

/** Whether a server encoded the body although it was asked for it as it is (`Accept-Encoding: identity`). */
export const isEncoded = ({ values }: Pick<HttpResponse, 'values'>): boolean => encodings(values('content-encoding')).length > 0

/**
 * The body without its Content-Encoding, for digests are those of the content (RFC 9110 8.4); containerd decodes likewise.
 *
 * @throws PreflightError REGISTRY_PROTOCOL when it is in an encoding that nobody asked for and that is not gzip
 */
export const decodedBody = ({ values, body }: Pick<HttpResponse, 'values' | 'body'>, host: string): AsyncIterable<Uint8Array> => {
  const used = encodings(values('content-encoding'))
  if (used.length === 0) return body
  if (used.length > 1 || !/^(?:x-)?gzip$/.test(used[0]!)) throw broken(host, 'an encoding that it was not asked for')
  return gunzipped(body, host)
}

async function* gunzipped(body: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  pipeline(Readable.from(body), gunzip, () => undefined)
  try {
    yield* gunzip as AsyncIterable<Uint8Array>
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    throw broken(host, 'gzip that cannot be decoded', cause)
  }
}

const encodings = (headers: readonly string[]): readonly string[] =>
  headers
    .flatMap(header => header.toLowerCase().split(','))
    .map(name => name.trim())
    .filter(name => name !== '' && name !== 'identity')

const broken = (host: string, what: string, cause?: unknown) =>
  new PreflightError('REGISTRY_PROTOCOL', `${host} sent its answer in ${what} (Content-Encoding).`, {
    hint: 'Switch compression off in the proxy before the registry.',
    cause,
  })
