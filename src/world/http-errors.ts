import { PreflightError } from '../errors.ts'
import { printable, redact } from '../redact.ts'

/** What was asked, for messages: never with the query of a URL. */
export interface Asked {
  /** Host with port. */
  readonly host: string
  /** What was wanted, as it stands after "for": `the manifest of registry.example.com/acme/plugin:v1`. */
  readonly what: string
  /** Of the proxy between, without userinfo. */
  readonly proxy?: string | undefined
}

/** A name resolved to, or is, an address that must not be contacted. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress'
}

const certificateFaults: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  ...Object.fromEntries(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map(code => [
      code,
      ['is signed by an authority that is not trusted', 'Give the certificate of its authority with --ca-file; the nodes need it too.'],
    ]),
  ),
  CERT_HAS_EXPIRED: ['has expired', "Renew the registry's certificate; check the clock of this machine."],
  CERT_NOT_YET_VALID: ['is not valid yet', "Check the clock of this machine, then the registry's certificate."],
  ERR_TLS_CERT_ALTNAME_INVALID: ['is for another name', 'Use the name that the certificate was made for, or have one made for this name.'],
}

const notTls = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
])
const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT', 'TimeoutError'])
const noHttp = /^(?:HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/
/** The connection went away: another try may do (what was asked for only reads). */
const cut = new Set([
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_GOAWAY_SESSION',
])

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
  ERR_HTTP2_STREAM_ERROR: 'it broke the connection off',
  ERR_HTTP2_SESSION_ERROR: 'it broke the connection off',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
}

/** The registry's own name and address are the proxy's matter, so that these can only be of the proxy. */
const proxyFaults: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has no address here',
  EAI_AGAIN: 'has no address here',
  ECONNREFUSED: 'refused the connection',
  EHOSTUNREACH: 'cannot be reached: there is no route to it',
  ENETUNREACH: 'cannot be reached: there is no route to its network',
}

/** Codes and names of an error and all that lies under it, outermost first: undici and happy eyeballs wrap. */
export const codesOf = (error: unknown, depth = 0): readonly string[] => {
  if (!(error instanceof Error) || depth > 5) return []
  const { code } = error as { code?: unknown }
  const inner: readonly unknown[] = [...(error instanceof AggregateError ? error.errors : []), error.cause]
  return [...(typeof code === 'string' ? [code] : []), error.name, ...inner.flatMap(one => codesOf(one, depth + 1))]
}

/** True when the same request may well succeed a moment later. */
export const isTransient = (error: unknown): boolean =>
  error instanceof PreflightError &&
  (error.code === 'BODY_TRUNCATED' || (error.code !== 'REGISTRY_TLS' && codesOf(error.cause).some(code => cut.has(code))))

/**
 * Where containerd goes from HTTPS to plain HTTP at a host that is written so: what answers is no TLS, the handshake does
 * not end, or, without a port, nothing answers (containerd 2.4 docker.NewHTTPFallback).
 */
export const speaksNoTls = (error: unknown, { port }: URL): boolean => {
  const codes = error instanceof PreflightError ? codesOf(error.cause) : []
  if (codes.some(code => notTls.has(code) || code === 'UND_ERR_CONNECT_TIMEOUT')) return true
  return port === '' && codes.includes('ECONNREFUSED')
}

/** What went wrong before an answer had come. */
export const connectionError = (cause: unknown, { host, what, proxy }: Asked): PreflightError => {
  if (cause instanceof PreflightError) return cause
  const codes = codesOf(cause)
  const has = (set: ReadonlySet<string>) => codes.some(code => set.has(code))
  const make = (code: ConstructorParameters<typeof PreflightError>[0], message: string, hint?: string) =>
    new PreflightError(code, message, { hint, cause })
  const through = proxy === undefined ? '' : ` through the proxy ${proxy}`

  if (codes.includes('ForbiddenAddress'))
    return make('REGISTRY_UNREACHABLE', `${host} was not contacted for ${what}: ${(cause as Error).message}.`)
  if (has(timeouts))
    return make(
      'REGISTRY_TIMEOUT',
      `${host} did not answer in time when asked${through} for ${what}.`,
      'Check that the registry is up, and firewalls and proxies on the way.',
    )
  const fault = codes.map(code => certificateFaults[code]).find(found => found !== undefined)
  if (fault !== undefined)
    return make('REGISTRY_TLS', `The certificate of ${host} ${fault[0]}${nameFault(cause)}; it was asked for ${what}.`, fault[1])
  if (has(notTls))
    return make(
      'REGISTRY_TLS',
      `${host} does not speak TLS: it answered plain HTTP when asked for ${what}.`,
      `If it is meant to speak plain HTTP, name it with --plain-http ${host}, and in the configuration of containerd on every node.`,
    )
  if (codes.some(code => /^(?:ERR_SSL_|ERR_TLS_|EPROTO|CERT_|INVALID_|UNABLE_TO_|HOSTNAME_)/.test(code)))
    return make(
      'REGISTRY_TLS',
      `TLS with ${host} failed (${printable(codes[0] ?? '')}) when it was asked for ${what}.`,
      "Check the registry's certificate and TLS versions.",
    )
  const ofProxy = proxy === undefined ? undefined : codes.map(code => proxyFaults[code]).find(found => found !== undefined)
  if (ofProxy !== undefined)
    return make(
      'REGISTRY_UNREACHABLE',
      `${host} could not be asked for ${what}: the proxy ${proxy} ${ofProxy}.`,
      'Check HTTPS_PROXY and HTTP_PROXY in the environment (or the settings of the node), and that the proxy is up.',
    )
  if (codes.includes('ENOTFOUND') || codes.includes('EAI_AGAIN'))
    return make(
      'REGISTRY_NAME_UNRESOLVED',
      `The name ${host} has no address here; it was to be asked for ${what}.`,
      'Check the spelling of the registry, and the DNS of this machine.',
    )
  if (codes.some(code => noHttp.test(code)))
    return make(
      'REGISTRY_PROTOCOL',
      `${host} did not answer in proper HTTP when asked for ${what}.`,
      'Check that this host and port are those of the registry.',
    )
  const reason =
    codes.map(code => unreachable[code]).find(found => found !== undefined) ??
    printable(redact(cause instanceof Error ? cause.message : String(cause)))
  return make(
    'REGISTRY_UNREACHABLE',
    `${host} could not be reached${through} for ${what}: ${reason}.`,
    'Check that the registry is up, and firewalls and proxies on the way.',
  )
}

/** What went wrong in the middle of a body. */
export const bodyError = (cause: unknown, asked: Asked): PreflightError => {
  if (cause instanceof PreflightError) return cause
  if (codesOf(cause).some(code => timeouts.has(code)))
    return new PreflightError('REGISTRY_TIMEOUT', `${asked.host} stopped in the middle of ${asked.what}.`, {
      cause,
      hint: 'Try again; check the proxies on the way.',
    })
  return new PreflightError('BODY_TRUNCATED', `The connection to ${asked.host} ended before the whole of ${asked.what} had come.`, {
    cause,
    hint: 'Try again; check the registry and the proxies on the way.',
  })
}

/** For whom the certificate is, when that is what is wrong. */
const nameFault = (cause: unknown): string => {
  for (let error = cause; error instanceof Error; error = error.cause) {
    const { cert } = error as { cert?: { subjectaltname?: unknown } }
    if (typeof cert?.subjectaltname === 'string') return ` (${printable(cert.subjectaltname, 100)})`
  }
  return ''
}
