import { createServer, type IncomingHttpHeaders, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What stands before a registry. */
export interface BlobProxyOptions {
  /** Requests reach the registry without a range, so that everything comes. */
  readonly withoutRanges?: boolean
  /** Who asks for a blob is sent to this origin. */
  readonly blobsAt?: string
}

export interface BlobProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Of every request for a blob. */
  readonly asked: { readonly digest: string; readonly headers: IncomingHttpHeaders; bytes: number }[]
  close(): Promise<void>
}

/** Hands on to a registry what it is asked, and counts. @param registry host and port */
export const startBlobProxy = async (registry: string, { withoutRanges, blobsAt }: BlobProxyOptions = {}): Promise<BlobProxy> => {
  const asked: BlobProxy['asked'] = []
  const handOn = (path: string, method: string, headers: IncomingHttpHeaders, response: ServerResponse, count: (bytes: number) => void) => {
    const [hostname, port] = registry.split(':')
    const { range, ...rest } = headers
    const given = withoutRanges || range === undefined ? rest : { ...rest, range }
    const onward = request({ hostname, port, path, method, headers: given }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('data', (chunk: Buffer) => count(chunk.length)).pipe(response)
    })
    // Whoever asked has gone
    response.on('close', () => onward.destroy())
    onward.on('error', () => response.destroy()).end()
  }
  const server = createServer(({ url = '', method = 'GET', headers }, response) => {
    const digest = method === 'GET' ? /\/blobs\/(sha256:[0-9a-f]+)/.exec(url)?.[1] : undefined
    if (digest === undefined) return handOn(url, method, headers, response, () => undefined)
    const entry = { digest, headers, bytes: 0 }
    asked.push(entry)
    if (blobsAt !== undefined) return void response.writeHead(307, { location: `${blobsAt}${url}` }).end()
    return handOn(url, method, headers, response, bytes => {
      entry.bytes += bytes
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
