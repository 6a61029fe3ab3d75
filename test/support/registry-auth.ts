import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface TestUser {
  readonly password: string
  /** Repositories that the user may pull; absent: all. */
  readonly repositories?: readonly string[]
}

export interface TestAuth {
  /** `basic`: as htpasswd; `bearer`: a token server at `/token` of the same host. */
  readonly scheme: 'basic' | 'bearer'
  readonly users: Readonly<Record<string, TestUser>>
  /** Repositories that anybody may pull with an anonymous token (`bearer` alone). */
  readonly anonymous?: readonly string[]
  /** Written into the challenge instead of the registry's own token server. */
  readonly realm?: string
  /** Refresh tokens that the token server takes (OAuth2), with the user that they stand for. */
  readonly identityTokens?: Readonly<Record<string, string>>
  /** Seconds that a token is said to live; default 300. */
  readonly expiresIn?: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Uint8Array
}

export const json = (status: number, value: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(value)),
})

/** An error in the shape of distribution-spec 1.1 "Error Codes". */
export const refusal = (status: number, code: string, headers: Answer['headers'] = {}): Answer =>
  json(status, { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] }, headers)

export interface Guard {
  /** Undefined when the request may go on. */
  check(headers: IncomingHttpHeaders, repository: string | undefined): Answer | undefined
  /** The token endpoint. */
  token(method: string, url: URL, headers: IncomingHttpHeaders, body: string): Answer
}

export const createGuard = (auth: TestAuth | undefined, origin: () => string): Guard => {
  const tokens = new Map<string, { readonly user: string | undefined; readonly scope: string }>()
  const allowed = (user: string | undefined, repository: string): boolean =>
    user === undefined
      ? auth?.anonymous?.includes(repository) === true
      : (auth?.users[user]?.repositories?.includes(repository) ?? Object.hasOwn(auth?.users ?? {}, user))
  const challenge = (repository: string | undefined): Answer =>
    refusal(401, 'UNAUTHORIZED', {
      'www-authenticate':
        auth?.scheme === 'basic'
          ? 'Basic realm="test registry"'
          : `Bearer realm="${auth?.realm ?? `${origin()}/token`}",service="test"${repository ? `,scope="repository:${repository}:pull"` : ''}`,
    })
  return {
    check(headers, repository) {
      if (auth === undefined) return undefined
      const [scheme, value] = (headers.authorization ?? '').split(' ')
      if (auth.scheme === 'basic') {
        const user = scheme === 'Basic' ? userOf(value, auth.users) : undefined
        if (user === undefined) return challenge(repository)
        return repository !== undefined && !allowed(user, repository) ? refusal(403, 'DENIED') : undefined
      }
      const token = scheme === 'Bearer' ? tokens.get(value ?? '') : undefined
      if (token === undefined) return challenge(repository)
      if (repository === undefined || token.scope === `repository:${repository}:pull`) return undefined
      return token.user === undefined ? challenge(repository) : refusal(403, 'DENIED')
    },
    token(method, url, headers, body) {
      const form = method === 'POST' ? new URLSearchParams(body) : url.searchParams
      const refresh = form.get('refresh_token')
      const [scheme, value] = (headers.authorization ?? '').split(' ')
      const user = refresh !== null ? auth?.identityTokens?.[refresh] : scheme === 'Basic' ? userOf(value, auth?.users ?? {}) : undefined
      if (user === undefined && (refresh !== null || scheme === 'Basic')) return refusal(401, 'UNAUTHORIZED')
      const [kind, repository = '', actions = ''] = (form.get('scope') ?? '').split(':')
      const granted = kind === 'repository' && actions.split(',').includes('pull') && allowed(user, repository)
      if (user === undefined && !granted) return refusal(401, 'UNAUTHORIZED')
      const token = randomBytes(24).toString('base64url')
      tokens.set(token, { user, scope: granted ? `repository:${repository}:pull` : '' })
      return json(200, { token, expires_in: auth?.expiresIn ?? 300 })
    },
  }
}

const userOf = (base64: string | undefined, users: Readonly<Record<string, TestUser>>): string | undefined => {
  const text = Buffer.from(base64 ?? '', 'base64').toString()
  const colon = text.indexOf(':')
  const name = text.slice(0, colon)
  return Object.hasOwn(users, name) && users[name]?.password === text.slice(colon + 1) ? name : undefined
}
