import { createHash } from 'node:crypto'
import { noChallenge, type Question, unauthorized } from './answers.ts'
import { type Challenge, parseChallenges, usableChallenge } from './challenge.ts'
import type { Http, HttpResponse } from './http.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import { checkRealm } from './realm.ts'
import type { Endpoint } from './registry-endpoints.ts'
import type { RetryOptions } from './retry.ts'
import { readSmall } from './small-body.ts'
import { basicAuthorization, fetchToken, type Token } from './tokens.ts'
import type { Credential } from './world.ts'

/** One request that may need a login. */
export interface AuthorizedRequest {
  readonly url: URL
  /** `repository:<path>:pull`; undefined where a redirect led, of which only the challenge tells the scope. */
  readonly scope: string | undefined
  readonly as: Credential | undefined
  readonly what: string
  /** With what this host is asked; undefined where a redirect led. */
  readonly at?: Endpoint | undefined
}

export interface RegistryAuth {
  /** The Authorization header, as far as an earlier challenge of this host tells; undefined: ask without one first. */
  before(request: AuthorizedRequest): Promise<string | undefined>
  /**
   * The Authorization header that the challenge of a 401 asks for.
   *
   * @param used the header that was answered with 401
   * @throws PreflightError REGISTRY_UNAUTHORIZED when there is nothing better to try, REGISTRY_PROTOCOL, REGISTRY_REALM
   */
  after(request: AuthorizedRequest, response: HttpResponse, used: string | undefined): Promise<string>
}

/** Answers a registry's challenges; remembers them by host, and tokens by host, login and scope. */
export const createAuth = (
  http: Http,
  options: ResolvedHttpOptions,
  allowRealms: readonly string[],
  retries: RetryOptions,
): RegistryAuth => {
  const { clock, bodyTimeoutMs: timeoutMs } = options
  const challenges = new Map<string, Challenge>()
  /** What a registry wants for a scope, where it wants something else. */
  const wanted = new Map<string, readonly string[]>()
  const tokens = new Map<string, Promise<Token>>()

  const scopesOf = ({ url, scope }: AuthorizedRequest) => wanted.get(`${url.origin} ${scope}`) ?? (scope === undefined ? [] : [scope])

  /** `Bearer …`. One request for the same token at a time; a token that ends is fetched anew. */
  const bearer = async (request: AuthorizedRequest, challenge: Challenge, not?: string): Promise<string> => {
    const { url, as, what, at } = request
    const { realm = '', service } = challenge.parameters
    const scopes = scopesOf(request)
    const key = [url.origin, realm, service, credentialKey(as), ...scopes].join(' ')
    const known = await tokens.get(key)?.catch(() => undefined)
    if (known !== undefined && known.expiresAtMs > clock.now() && `Bearer ${known.value}` !== not) return `Bearer ${known.value}`
    if (known !== undefined) tokens.delete(key)
    const { kindOf } = http
    const fetching =
      tokens.get(key) ??
      fetchToken(
        {
          realm: checkRealm(realm, { registry: url, credentialed: isCredentialed(request), allowRealms, kindOf }),
          service,
          scopes,
          as,
          at,
          allowLoopback: kindOf(url) === 'loopback',
          what,
        },
        http,
        options,
        retries,
      )
    tokens.set(key, fetching)
    // A failure is not kept: the next one who asks tries again.
    fetching.catch(() => tokens.delete(key))
    return `Bearer ${(await fetching).value}`
  }

  const header = (request: AuthorizedRequest, challenge: Challenge, not?: string): Promise<string | undefined> => {
    if (challenge.scheme === 'bearer') return bearer(request, challenge, not)
    const { as } = request
    return Promise.resolve(as === undefined ? undefined : basicAuthorization(as))
  }

  /** Some registries challenge only here (gcr.io did for years). */
  const ping = async ({ url, what, at }: AuthorizedRequest): Promise<readonly string[]> => {
    const response = await http.request({ url: apiRoot(url, at), what, headers: at?.headers ?? {}, tls: at?.tls })
    await response.discard()
    return response.status === 401 ? response.values('www-authenticate') : []
  }

  return {
    async before(request) {
      const challenge = challenges.get(request.url.origin)
      return challenge && header(request, challenge)
    },
    async after(request, response, used) {
      const { url, scope, as, what } = request
      const question: Question = { host: url.host, what, as }
      const refused = await readSmall(response, { ...question, limitBytes: 0, timeoutMs }, clock)
      const own = response.values('www-authenticate')
      const offered = usableChallenge(own) === undefined ? [...own, ...(await ping(request))] : own
      const challenge = usableChallenge(offered)
      if (challenge === undefined) throw noChallenge(question, parseChallenges(offered))
      const scopes = pullScopes(challenge.parameters.scope)
      if (scopes.length > 0) wanted.set(`${url.origin} ${scope}`, scopes)
      const next = await header(request, challenge, used)
      if (next === undefined || next === used) throw unauthorized(question, refused.bytes)
      // Only now: one that leads nowhere, for one repository, is not tried for the others.
      challenges.set(url.origin, challenge)
      return next
    },
  }
}

/** What a node's settings send along may be as secret as a login. */
const isCredentialed = ({ as, at }: AuthorizedRequest): boolean => as !== undefined || Object.keys(at?.headers ?? {}).length > 0

/** `/v2/` of the registry, or where a node's settings say that it is. */
const apiRoot = (url: URL, at: Endpoint | undefined): URL => {
  const root = new URL('/v2/', url)
  if (at !== undefined) root.pathname = `${at.root.pathname.replace(/\/$/, '')}/`
  return root
}

/** The scopes of a challenge (space-separated), and of each only to pull: a registry must not make us fetch a token for more. */
const pullScopes = (scope = ''): readonly string[] =>
  scope
    .split(' ')
    .map(one => /^(repository(?:\([a-z0-9]+\))?:[^\s]+):[a-z,*]+$/.exec(one)?.[1])
    .filter(one => one !== undefined)
    .map(one => `${one}:pull`)

/** Two logins are the same when all that is sent of them is. */
export const credentialKey = (as: Credential | undefined): string =>
  as === undefined
    ? 'anonymous'
    : createHash('sha256')
        .update(JSON.stringify([as.username, as.password, as.identityToken]))
        .digest('hex')
