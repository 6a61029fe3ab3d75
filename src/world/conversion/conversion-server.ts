import { createServer } from 'node:https'
import { type AddressInfo, isIPv6 } from 'node:net'
import type { ReviewAnswer } from '../../conversion/review.ts'
import { PreflightError } from '../../errors.ts'
import { tellOfBrokenConnections } from './broken-connections.ts'
import { createRequestHandler } from './conversion-requests.ts'
import { type ServerLimits, serverLimits } from './limits.ts'
import { reloadPair } from './reload-pair.ts'
import { type PairFiles, readServingPair } from './serving-pair.ts'

export interface ConversionServerOptions extends PairFiles {
  /** An IP address; 0.0.0.0 and :: are all of this machine, of both families. */
  readonly bindAddress: string
  /** 0: a free one. */
  readonly port: number
  answer(body: Uint8Array): ReviewAnswer
  /** One line for whoever runs it: never with what is in an object. */
  log(line: string): void
  /** The same of every request that went well. */
  readonly trace?: (line: string) => void
  readonly limits?: Partial<ServerLimits>
  /** Between two looks at the files of the certificate; default 10 s. */
  readonly reloadMs?: number
}

export interface ConversionServer {
  readonly port: number
  /** /readyz says no for `delayMs`, then nobody new is listened to; done when the last request is answered. */
  stop(delayMs?: number): Promise<void>
}

/** Serves ConversionReviews over TLS. @throws PreflightError FILE_…, SERVING_CERTIFICATE_INVALID, LISTEN_FAILED */
export const startConversionServer = async (options: ConversionServerOptions): Promise<ConversionServer> => {
  const { answer, log, trace = () => {}, reloadMs = 10_000 } = options
  const limits = { ...serverLimits, ...options.limits }
  const pair = await readServingPair(options)
  let ready = true
  const handle = createRequestHandler({ limits, answer, isReady: () => ready, log, trace })
  const server = createServer(
    {
      cert: pair.cert,
      key: pair.key,
      handshakeTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1000, limits.requestMs),
    },
    (request, response) => void handle(request, response),
  )
  server.maxConnections = limits.connections
  server.timeout = limits.stalledMs
  tellOfBrokenConnections(server, log)
  const port = await listen(server, options)
  const endReloading = reloadPair({
    ...options,
    pair,
    everyMs: reloadMs,
    use: ({ cert, key }) => server.setSecureContext({ cert, key }),
  })
  log(
    `serving on ${isIPv6(options.bindAddress) ? `[${options.bindAddress}]` : options.bindAddress}:${port}, with a certificate ${pair.description}`,
  )
  return {
    port,
    stop: async (delayMs = 0) => {
      ready = false
      if (delayMs > 0) await new Promise(resolve => setTimeout(resolve, delayMs))
      endReloading()
      const closed = new Promise(resolve => server.close(resolve))
      const timer = setTimeout(() => server.closeAllConnections(), limits.drainMs)
      await closed
      clearTimeout(timer)
    },
  }
}

const listen = (server: ReturnType<typeof createServer>, { bindAddress, port }: ConversionServerOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) =>
      reject(
        new PreflightError('LISTEN_FAILED', `${bindAddress}, port ${port}: it cannot be listened on (${cause.code ?? 'unknown'}).`, {
          hint: 'Choose another one with --bind-address and --secure-port.',
          cause,
        }),
      )
    server.once('error', fail)
    // Without a host Node takes both families where there are both.
    const every = bindAddress === '0.0.0.0' || bindAddress === '::'
    server.listen({ port, ...(every ? {} : { host: bindAddress }) }, () => {
      server.off('error', fail)
      server.on('error', () => {})
      resolve((server.address() as AddressInfo).port)
    })
  })
