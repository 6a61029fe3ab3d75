import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { Agent, request } from 'undici'
import { answerReview } from '../../src/conversion/review.ts'
import { type ConversionServer, type ConversionServerOptions, startConversionServer } from '../../src/world/conversion/conversion-server.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { tempFolder } from './temp-folder.ts'

const group = 'embeddedcluster.replicated.com'

/** A review that asks for v1 of Configs of these names. */
export const reviewOf = (...names: readonly string[]): object => ({
  kind: 'ConversionReview',
  apiVersion: 'apiextensions.k8s.io/v1',
  request: {
    uid: 'u-1',
    desiredAPIVersion: `${group}/v1`,
    objects: names.map(name => ({ apiVersion: `${group}/v1beta1`, kind: 'Config', metadata: { name }, spec: { secret: 's3cret' } })),
  },
})

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Webhook extends ConversionServer {
  readonly lines: readonly string[]
  /** What its certificate is signed by, or itself. */
  readonly ca: string
  readonly files: { readonly certFile: string; readonly keyFile: string }
  ask(
    method: string,
    path: string,
    options?: { readonly headers?: Record<string, string>; readonly body?: string | AsyncIterable<Uint8Array> },
  ): Promise<Answered>
  convert(review: object | string): Promise<Answered>
  /** A connection of its own, for what no client sends. */
  socket(options?: ConnectionOptions): Promise<TLSSocket>
  write(pair: Partial<Certificate>): Promise<void>
  close(): Promise<void>
}

/** The webhook on a free port of loopback. */
export const startWebhook = async (options: Partial<ConversionServerOptions> = {}): Promise<Webhook> => {
  const pair = makeCertificate()
  const folder = await tempFolder({ 'tls.crt': pair.cert, 'tls.key': pair.key })
  const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const server = await startConversionServer({
    ...files,
    bindAddress: '127.0.0.1',
    port: 0,
    answer: answerReview,
    log,
    trace: log,
    reloadMs: 20,
    ...options,
  })
  const dispatcher = new Agent({ connect: { ca: pair.cert } })
  const sockets: TLSSocket[] = []
  const ask: Webhook['ask'] = async (method, path, { headers = {}, body } = {}) => {
    const {
      statusCode,
      headers: got,
      body: sent,
    } = await request(`https://127.0.0.1:${server.port}${path}`, { method, dispatcher, headers, body: body as string })
    return { status: statusCode, headers: got, text: await sent.text() }
  }
  return {
    ...server,
    lines,
    files,
    ca: pair.cert,
    ask,
    convert: review =>
      ask('POST', '/convert', {
        headers: { 'content-type': 'application/json' },
        body: typeof review === 'string' ? review : JSON.stringify(review),
      }),
    socket: more =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: server.port, ca: pair.cert, ...more }, () => resolve(socket))
        sockets.push(socket)
        socket.once('error', reject).on('error', () => {})
      }),
    write: async ({ cert, key }) => {
      if (cert !== undefined) await writeFile(files.certFile, cert)
      if (key !== undefined) await writeFile(files.keyFile, key)
    },
    close: async () => {
      await dispatcher.destroy()
      for (const socket of sockets) socket.destroy()
      await server.stop()
    },
  }
}

/** Until it is true; the test's own limit ends the waiting. */
export const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await new Promise(resolve => setTimeout(resolve, 5))
}
