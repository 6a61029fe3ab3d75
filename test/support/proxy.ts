import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface TestProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** `CONNECT host:port` and `GET http://…`, in order. */
  readonly requests: readonly string[]
  /** Proxy-Authorization headers, in order. */
  readonly logins: readonly (string | undefined)[]
  close(): Promise<void>
}

/** An HTTP proxy that leads every name to 127.0.0.1. @param refuse status that it answers everything with */
export const startProxy = async ({ refuse }: { readonly refuse?: number } = {}): Promise<TestProxy> => {
  const requests: string[] = []
  const logins: (string | undefined)[] = []
  const sockets = new Set<Socket>()
  const log = ({ method, url, headers }: IncomingMessage) => {
    requests.push(`${method} ${url}`)
    logins.push(headers['proxy-authorization'])
  }
  const server = createServer((incoming, outgoing) => {
    log(incoming)
    if (refuse !== undefined) return outgoing.writeHead(refuse).end()
    const { port, pathname } = new URL(incoming.url ?? '')
    request({ host: '127.0.0.1', port, path: pathname, headers: incoming.headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }).end()
    return undefined
  })
  server.on('connect', (incoming, socket: Socket) => {
    log(incoming)
    if (refuse !== undefined) return socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`)
    const onward = connect(Number(new URL(`http://${incoming.url}`).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    for (const one of [socket, onward]) {
      sockets.add(one)
      one.on('error', () => one.destroy())
    }
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    logins,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
