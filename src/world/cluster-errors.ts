import { PreflightError } from '../errors.ts'
import { printable, redact } from '../redact.ts'
import { codesOf } from './http-errors.ts'

/** What was asked of which API server, for messages. */
export interface ClusterAsked {
  /** `https://host:port` */
  readonly server: string
  /** `get secrets velero/regcred` */
  readonly what: string
}

const certificateFaults: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  CERT_HAS_EXPIRED: ['has expired', "Renew the API server's certificate; check the clock of this machine."],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Check the clock of this machine.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['is for another name', 'Use a name or address in the kubeconfig that the certificate was made for.'],
}

const untrusted = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/
const tls = /^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO|CERT_|HOSTNAME_)/
const late = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT', 'TimeoutError'])
const cut = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_STREAM_PREMATURE_CLOSE'])

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed before the answer had come',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was closed before the whole answer had come',
  ENOTFOUND: 'its name has no address here',
  EAI_AGAIN: 'its name has no address here',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
}

/** True when the connection went away in the middle: the same question may well be answered a moment later. */
export const wasCut = (error: unknown): boolean => error instanceof PreflightError && codesOf(error.cause).some(code => cut.has(code))

/** True when nobody listens: a server that was there a moment ago may be starting again. */
export const wasRefused = (error: unknown): boolean => error instanceof PreflightError && codesOf(error.cause).includes('ECONNREFUSED')

/** What went wrong while an API server was asked. */
export const clusterError = (cause: unknown, { server, what }: ClusterAsked): PreflightError => {
  if (cause instanceof PreflightError) return cause
  const codes = codesOf(cause)
  const make = (code: ConstructorParameters<typeof PreflightError>[0], message: string, hint: string) =>
    new PreflightError(code, `${message} (${what}).`, { hint, cause })
  if (codes.some(code => late.has(code)))
    return make(
      'CLUSTER_TIMEOUT',
      `The API server ${server} did not answer in time`,
      'See whether kubectl gets an answer; --request-timeout gives it longer.',
    )
  const fault = codes.map(code => certificateFaults[code]).find(found => found !== undefined)
  if (fault !== undefined) return make('CLUSTER_TLS', `The certificate of the API server ${server} ${fault[0]}`, fault[1])
  if (codes.some(code => untrusted.test(code)))
    return make(
      'CLUSTER_TLS',
      `The certificate of the API server ${server} is signed by an authority that the kubeconfig does not name`,
      'Put its authority into the kubeconfig as certificate-authority.',
    )
  if (codes.some(code => tls.test(code)))
    return make(
      'CLUSTER_TLS',
      `TLS with the API server ${server} failed (${printable(codes[0] ?? '')})`,
      'Check the address and the certificates in the kubeconfig.',
    )
  if (codes.some(code => /^(?:HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/.test(code)))
    return make('CLUSTER_PROTOCOL', `${server} did not answer in proper HTTP`, 'Check the address in the kubeconfig.')
  const reason = codes.map(code => reasons[code]).find(found => found !== undefined) ?? printable(redact(words(cause)))
  return make(
    'CLUSTER_UNREACHABLE',
    `The API server ${server} could not be reached: ${reason}`,
    'Check the address in the kubeconfig, and that the API server is up.',
  )
}

const words = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
