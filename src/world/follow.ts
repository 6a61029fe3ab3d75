import { PreflightError } from '../errors.ts'
import { unauthorized } from './answers.ts'
import type { Http, HttpResponse } from './http.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import { isRedirect, maxRedirects, redirectTarget, tooManyRedirects } from './redirects.ts'
import type { AuthorizedRequest, RegistryAuth } from './registry-auth.ts'
import { readSmall } from './small-body.ts'

export interface FollowedRequest extends AuthorizedRequest {
  /** Sent along to wherever redirects lead: `accept`, `range`; the login is not among them. */
  readonly headers: Readonly<Record<string, string>>
  /** False: 303 is an answer like any other. Default true. */
  readonly followSeeOther?: boolean
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD'
}

/** Asks with a login where one is wanted, and goes where redirects lead. */
export const createFollow = (http: Http, auth: RegistryAuth, { clock, bodyTimeoutMs }: ResolvedHttpOptions) => {
  /** Never a second time with a login that was rejected. */
  const authorized = async (
    request: AuthorizedRequest,
    { headers, method = 'GET' }: Pick<FollowedRequest, 'headers' | 'method'>,
    allowLoopback: boolean,
  ): Promise<HttpResponse> => {
    const { url, what, as, at } = request
    const all = { ...at?.headers, ...headers }
    const send = (authorization: string | undefined) =>
      http.request({
        method,
        url,
        what,
        allowLoopback,
        tls: at?.tls,
        headers: authorization === undefined ? all : { ...all, authorization },
      })
    const used = await auth.before(request)
    const response = await send(used)
    if (response.status !== 401) return response
    const again = await send(await auth.after(request, response, used))
    if (again.status !== 401) return again
    const { bytes } = await readSmall(again, { host: url.host, what, limitBytes: 0, timeoutMs: bodyTimeoutMs }, clock)
    throw unauthorized({ host: url.host, what, as }, bytes)
  }

  /** Another origin gets neither this login nor a token that was got with it (distribution-spec 1.1, and S3 refuses it). */
  return async ({ headers, method, followSeeOther = true, ...request }: FollowedRequest): Promise<HttpResponse> => {
    const { url: registry, what } = request
    let hop: AuthorizedRequest = request
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await authorized(
        hop,
        { headers, ...(method && { method }) },
        redirects === 0 || http.kindOf(registry) === 'loopback',
      ).catch(error => {
        throw redirects === 0 ? error : blamed(error, registry)
      })
      if (!isRedirect(response.status) || (response.status === 303 && !followSeeOther)) return response
      await response.discard()
      const url = redirectTarget(response.header('location'), { registry, from: hop.url, what, kindOf: http.kindOf })
      hop = url.origin === hop.url.origin ? { ...hop, url } : { url, scope: undefined, as: undefined, what }
    }
    throw tooManyRedirects(registry.host, what)
  }
}

/** An address that must not be contacted is the fault of the registry that sent us there. */
const blamed = (error: unknown, { host }: URL): unknown =>
  error instanceof PreflightError && error.cause instanceof Error && error.cause.name === 'ForbiddenAddress'
    ? new PreflightError('REGISTRY_REDIRECT', `${host} redirects to where a client must not follow. ${error.message}`, {
        cause: error.cause,
      })
    : error
