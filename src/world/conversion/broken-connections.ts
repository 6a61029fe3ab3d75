import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { printable } from '../../redact.ts'

/** As node:http answers without a listener. */
const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
}

/** Says why connections came to nothing: whoever set the certificates up wants to know, and the other side says it to nobody. */
export const tellOfBrokenConnections = (server: Server, log: (line: string) => void): void => {
  // Of failed handshakes too: node:https hands them on.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const { code = '' } = error
    // Balancers that only look whether somebody listens go away so.
    if (code !== 'ECONNRESET') log(`a connection of ${addressOf(socket)} was given up: ${printable(reasonOf(error))}`)
    // Not `end`: who does not read would keep the connection, and with it the server.
    if (socket.writable && !code.startsWith('ERR_SSL'))
      socket.write(`HTTP/1.1 ${statuses[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`)
    socket.destroy()
  })
}

const addressOf = (socket: Duplex): string =>
  'remoteAddress' in socket && typeof socket.remoteAddress === 'string' ? socket.remoteAddress : 'somebody'

/** In TLS 1.3 a client says only after the handshake that it does not trust the certificate. */
const reasonOf = ({ code = '', message }: NodeJS.ErrnoException): string =>
  code.startsWith('ERR_SSL') ? `${code.slice('ERR_SSL_'.length).toLowerCase().replaceAll('_', ' ')}` : message
