import { isIP } from 'node:net'
import type { Io } from '../cli.ts'
import { serveConversions } from '../conversion-webhook.ts'
import { delayOf, usage } from '../settings/flag-text.ts'

export interface ConversionWebhookFlags {
  readonly tlsCertFile: string
  readonly tlsPrivateKeyFile: string
  readonly bindAddress: string
  readonly securePort: string
  readonly shutdownDelayDuration: string
  readonly debug?: boolean
}

/** `conversion-webhook`: until a signal; what is being answered then is answered. */
export const runConversionWebhook = async (flags: ConversionWebhookFlags, io: Io): Promise<number> => {
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile, debug = false } = flags
  const [bindAddress, port, delayMs] = [addressOf(flags), portOf(flags), delayOf('--shutdown-delay-duration', flags.shutdownDelayDuration)]
  const log = (line: string) => io.stderr.write(`${new Date().toISOString()} ${line}\n`)
  const server = await serveConversions({ certFile, keyFile, bindAddress, port, log, ...(debug ? { trace: log } : {}) })
  await nextSignal(io)
  log('ending')
  await server.stop(delayMs)
  log('ended')
  return 0
}

/** The first one; a second does what signals do. */
const nextSignal = (io: Io): Promise<void> =>
  new Promise(resolve => {
    const onSignal = () => {
      io.off('SIGINT', onSignal)
      io.off('SIGTERM', onSignal)
      resolve()
    }
    io.on('SIGINT', onSignal)
    io.on('SIGTERM', onSignal)
  })

const addressOf = ({ bindAddress }: ConversionWebhookFlags): string => {
  if (isIP(bindAddress) === 0) throw usage(`--bind-address ${bindAddress}: it is an IP address.`)
  return bindAddress
}

const portOf = ({ securePort }: ConversionWebhookFlags): number => {
  const port = /^\d{1,5}$/.test(securePort) ? Number(securePort) : 65_536
  if (port > 65_535) throw usage(`--secure-port ${securePort}: it is a port, 0 to 65535.`)
  return port
}
