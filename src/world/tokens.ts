import { PreflightError } from '../errors.ts'
import { jsonOf, type Question, unauthorized, unexpected } from './answers.ts'
import type { Http, HttpRequest } from './http.ts'
import { isTransient } from './http-errors.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import type { Endpoint } from './registry-endpoints.ts'
import { againAfter, type RetryOptions, retry } from './retry.ts'
import { readSmall, type SmallResponse } from './small-body.ts'
import type { Credential } from './world.ts'

export interface Token {
  readonly value: string
  /** Milliseconds since 1970, a little before the token really ends. */
  readonly expiresAtMs: number
}

export interface TokenRequest {
  /** Checked already. */
  readonly realm: URL
  readonly service: string | undefined
  /** `repository:<path>:pull` */
  readonly scopes: readonly string[]
  readonly as: Credential | undefined
  /** The host that named the realm: its headers are sent there too (containerd 2.4), its TLS settings hold on the same host. */
  readonly at?: Endpoint | undefined
  readonly allowLoopback: boolean
  /** What the token is for, for messages. */
  readonly what: string
}

/** go-containerregistry's limit; real tokens have a few KiB. */
const maxTokenBytes = 64 << 10
/** A token without `expires_in` lives that long at least (distribution spec/auth/token.md). */
const defaultLifeSeconds = 60
/** So that a token does not end on its way. */
const marginSeconds = 10

/**
 * A token from the registry's token server: GET with Basic authentication, or OAuth2's form for an identity token.
 *
 * @throws PreflightError REGISTRY_UNAUTHORIZED, REGISTRY_DENIED, REGISTRY_PROTOCOL, BODY_TOO_LARGE, and what {@link Http} throws
 * @see https://distribution.github.io/distribution/spec/auth/token/
 * @see https://distribution.github.io/distribution/spec/auth/oauth/
 */
export const fetchToken = async (
  request: TokenRequest,
  http: Http,
  options: ResolvedHttpOptions,
  retries: RetryOptions,
): Promise<Token> => {
  const { as, realm, at } = request
  const { clock, signal, bodyTimeoutMs: timeoutMs } = options
  const question: Question = { host: realm.host, what: `a token for ${request.what}`, as }
  const send = (form: Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'>) =>
    retry(
      async () => {
        const headers = { ...at?.headers, ...form.headers }
        const tls = at?.root.hostname === realm.hostname ? at.tls : undefined
        const response = await http.request({ ...form, headers, tls, what: question.what, allowLoopback: request.allowLoopback })
        return readSmall(response, { ...question, limitBytes: maxTokenBytes, timeoutMs }, clock)
      },
      {
        value: ({ status, header }) => againAfter(status, header('retry-after'), clock.now()),
        error: error => (isTransient(error) ? { afterMs: undefined } : undefined),
      },
      retries,
      clock,
      signal,
    )
  const identity = as?.identityToken
  let answer = await send(identity === undefined ? queried(request) : posted(request, identity))
  // Servers that know only the older form.
  if (identity !== undefined && [400, 404, 405].includes(answer.status) && as?.password) answer = await send(queried(request))
  if (answer.status !== 200) throw refused(question, answer, clock.now())
  return tokenOf(question, answer, clock.now())
}

/** The realm may have a query of its own: it stays, and nothing that the registry names can add a parameter to it. */
const queried = ({ realm, service, scopes, as }: TokenRequest): Pick<HttpRequest, 'url' | 'headers'> => {
  const url = new URL(realm)
  if (service !== undefined) url.searchParams.set('service', service)
  url.searchParams.delete('scope')
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return { url, headers: as === undefined ? {} : { authorization: basicAuthorization(as) } }
}

const posted = (
  { realm, service, scopes }: TokenRequest,
  refreshToken: string,
): Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'> => ({
  url: realm,
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: 'velero-plugin-preflight',
    ...(service === undefined ? {} : { service }),
    scope: scopes.join(' '),
  }).toString(),
})

/** RFC 7617, in UTF-8. */
export const basicAuthorization = ({ username, password }: Pick<Credential, 'username' | 'password'>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const refused = (question: Question, answer: SmallResponse, nowMs: number): PreflightError => {
  const { status } = answer
  if (status >= 300 && status < 400)
    return new PreflightError(
      'REGISTRY_REALM',
      `${question.host}, the token server, answered ${question.what} with a redirect, which is not followed.`,
      {
        hint: 'Correct the realm in the configuration of the registry: it must be the final address.',
      },
    )
  // Some token servers answer 403 where there is no login at all.
  if (status === 401 || (status === 403 && question.as === undefined)) return unauthorized(question, answer.bytes)
  return unexpected(question, answer, nowMs)
}

const tokenOf = ({ host, what }: Question, { bytes }: SmallResponse, nowMs: number): Token => {
  const { token, access_token: accessToken, expires_in: expiresIn } = jsonOf(bytes)
  const value = [token, accessToken].find(text => typeof text === 'string' && text !== '')
  // What is no header value would make the next request fail in a way that nobody understands.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value))
    throw new PreflightError('REGISTRY_PROTOCOL', `${host}, the token server, sent no token when asked for ${what}.`, {
      hint: 'Check the realm in the configuration of the registry, and the proxies before the token server.',
    })
  const seconds = typeof expiresIn === 'number' && expiresIn > defaultLifeSeconds ? expiresIn : defaultLifeSeconds
  return { value, expiresAtMs: nowMs + (seconds - marginSeconds) * 1000 }
}
