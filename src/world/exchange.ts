import type { PreflightError } from '../errors.ts'
import { rateLimited } from './answers.ts'
import { createFollow, type FollowedRequest } from './follow.ts'
import type { Http, HttpResponse } from './http.ts'
import { isTransient } from './http-errors.ts'
import type { ResolvedHttpOptions } from './http-options.ts'
import { type AuthorizedRequest, credentialKey, type RegistryAuth } from './registry-auth.ts'
import { againAfter, type RetryOptions, retry } from './retry.ts'
import { readSmall, type SmallResponse } from './small-body.ts'

/** One question to a registry with all that belongs to it: login, redirects, further tries, and waiting for its quota. */
export interface Exchange {
  /** The whole answer, at most `limitBytes` of a success. Status and content are for the caller to judge. */
  small(request: ExchangeRequest, limitBytes: number): Promise<SmallResponse>
  /** An answer of status 200 or 206 with its body to come; any other with what it says. */
  stream(request: ExchangeRequest): Promise<Streamed>
}

export interface ExchangeRequest extends FollowedRequest {
  /** False: asked once, because somebody else can be asked. Default true. */
  readonly again?: boolean
}

export type Streamed = { readonly status: number } & ({ readonly opened: HttpResponse } | { readonly refused: SmallResponse })

export const createExchange = (http: Http, auth: RegistryAuth, options: ResolvedHttpOptions, retries: RetryOptions): Exchange => {
  const { clock, signal, bodyTimeoutMs: timeoutMs } = options
  const { maxRetryAfterMs = 20_000 } = retries
  const follow = createFollow(http, auth, options)
  /** Who was told by whom to wait, until when, and how. */
  const waits = new Map<string, { readonly untilMs: number; readonly error: PreflightError }>()

  const read = (request: FollowedRequest, response: HttpResponse, limitBytes: number) =>
    readSmall(response, { host: request.url.host, what: request.what, limitBytes, timeoutMs }, clock)

  /** While a registry wants to be left alone, nobody else asks it with the same login. */
  const ask = async (request: FollowedRequest, again: boolean): Promise<HttpResponse> => {
    const wait = waits.get(keyOf(request))
    const leftMs = (wait?.untilMs ?? 0) - clock.now()
    if (wait !== undefined && leftMs > (again ? maxRetryAfterMs : 0)) throw wait.error
    if (leftMs > 0) await clock.sleep(leftMs, signal).catch(() => undefined)
    return follow(request)
  }

  const noteWait = (request: FollowedRequest, answer: SmallResponse): void => {
    const nowMs = clock.now()
    const afterMs = answer.status === 429 ? againAfter(429, answer.header('retry-after'), nowMs)?.afterMs : undefined
    if (afterMs === undefined) return
    const error = rateLimited({ host: request.url.host, what: request.what, as: request.as }, answer, nowMs)
    waits.set(keyOf(request), { untilMs: nowMs + afterMs, error })
  }

  /** `take` gets what is as good as it gets, before its body was read. */
  const repeated = <T>(
    { again = true, ...request }: ExchangeRequest,
    take: (response: HttpResponse) => Promise<T>,
    refuse: (answer: SmallResponse) => T,
  ): Promise<T> =>
    retry<{ readonly value: T; readonly answer?: SmallResponse }>(
      async () => {
        const response = await ask(request, again)
        if (againAfter(response.status, undefined, 0) === undefined) return { value: await take(response) }
        const answer = await read(request, response, 0)
        noteWait(request, answer)
        return { value: refuse(answer), answer }
      },
      {
        value: ({ answer }) => answer && againAfter(answer.status, answer.header('retry-after'), clock.now()),
        error: error => (isTransient(error) ? { afterMs: undefined } : undefined),
      },
      again ? retries : { ...retries, tries: 1 },
      clock,
      signal,
    ).then(({ value }) => value)

  return {
    small: (request, limitBytes) =>
      repeated(
        request,
        response => read(request, response, limitBytes),
        answer => answer,
      ),
    stream: request =>
      repeated<Streamed>(
        request,
        async response => {
          if (response.status === 200 || response.status === 206) return { status: response.status, opened: response }
          return { status: response.status, refused: await read(request, response, 64 << 10) }
        },
        refused => ({ status: refused.status, refused }),
      ),
  }
}

const keyOf = ({ url, as }: AuthorizedRequest): string => `${url.host} ${credentialKey(as)}`
