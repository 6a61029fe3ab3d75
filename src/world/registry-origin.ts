import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { isLoopback } from './addresses.ts'
import { codesOf, connectionError } from './http-errors.ts'
import { names, type ResolvedHttpOptions } from './http-options.ts'

/** A loopback registry that says nothing to a TLS handshake for that long is taken to speak TLS, and times out as that. */
const probeTimeoutMs = 2_000

/**
 * `https://host` or `http://host` for a registry's host as it stands in an image reference.
 *
 * TLS, except where plain HTTP was asked for. On loopback, where nobody can listen in, whichever of the two the registry
 * speaks, as containerd 2.4 does (core/remotes/docker/config/hosts.go).
 *
 * @throws PreflightError REGISTRY_NAME_UNRESOLVED when it is no host; REGISTRY_UNREACHABLE
 */
export const createOrigins = (options: ResolvedHttpOptions): ((host: string, what: string) => Promise<URL>) => {
  const probes = new Map<string, Promise<boolean>>()
  return async (host, what) => {
    const url = host === '' ? null : URL.parse(`https://${host}`)
    if (url === null || url.host === '')
      throw new PreflightError(
        'REGISTRY_NAME_UNRESOLVED',
        `"${printable(host)}" is not the name of a host, so it cannot be asked for ${what}.`,
        {
          hint: 'Check the spelling of the registry in the image reference.',
        },
      )
    const plain = new URL(`http://${host}`)
    if (names(options.plainHttpHosts, plain)) return plain
    if (!isLoopback(url)) return url
    const probe = probes.get(host) ?? speaksTls(url)
    probes.set(host, probe)
    try {
      return (await probe) ? url : plain
    } catch (error) {
      probes.delete(host)
      // Of one probe for many questions: each is told of its own
      throw connectionError(error, { host: url.host, what })
    }
  }
}

/** Rejects with the system's error where nobody listens. */
const speaksTls = (url: URL): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    // Nothing is sent or believed here: the certificate is checked when the registry is asked.
    const socket = connect({
      host,
      port: Number(url.port || 443),
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    })
    const end = (settle: () => void) => {
      clearTimeout(timer)
      socket.destroy()
      settle()
    }
    const timer = setTimeout(() => end(() => resolve(true)), probeTimeoutMs)
    socket.once('secureConnect', () => end(() => resolve(true)))
    socket.on('error', error => {
      const connected = codesOf(error).some(code => code === 'EPROTO' || code === 'ECONNRESET' || code.startsWith('ERR_SSL_'))
      end(() => (connected ? resolve(false) : reject(error)))
    })
  })
