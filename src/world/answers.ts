import { PreflightError } from '../errors.ts'
import type { Quota } from '../facts/image.ts'
import { printable, redact } from '../redact.ts'
import type { Challenge } from './challenge.ts'
import { retryAfterMs } from './retry.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential } from './world.ts'

/** What was asked of whom, for the messages about a refusal. */
export interface Question {
  /** Host with port that answered. */
  readonly host: string
  /** `the manifest of registry.example.com/acme/plugin:v1` */
  readonly what: string
  readonly as: Credential | undefined
}

/** How it was asked: `with the login "bob" of the secret velero/regcred`. */
export const asWhom = (as: Credential | undefined): string => {
  if (as === undefined) return 'without a login'
  const { source } = as
  const of =
    source.kind === 'secret'
      ? ` of the secret ${source.namespace}/${source.name}`
      : source.kind === 'dockerConfig' || source.kind === 'node' || source.kind === 'license'
        ? ` of ${source.file}`
        : ''
  return `with the login "${printable(as.username, 80)}"${printable(of)}`
}

/** The server's own words out of an error body (distribution-spec 1.1 "Error Codes", OAuth2, or `message`), as a sentence. */
export const wordsOf = (bytes: Uint8Array, as: Credential | undefined): string => {
  const document = jsonOf(bytes)
  const first: unknown = Array.isArray(document.errors) ? document.errors[0] : document
  const error = isRecord(first) ? first : {}
  const texts = [error.code, error.message ?? error.error_description ?? error.details ?? error.error]
  const words = texts.filter(text => typeof text === 'string' && text !== '').join(': ')
  return words === '' ? '' : ` It says: "${saidTo(as, words)}".`
}

/** Words of a server for a message. It may say back what it was sent. */
export const saidTo = (as: Credential | undefined, words: string): string => printable(redact(words, as === undefined ? [] : secretsOf(as)))

const secretsOf = ({ username, password, identityToken = '' }: Credential): readonly string[] =>
  [password, identityToken, `${username}:${password}`].flatMap(secret => [
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    encodeURIComponent(secret.toWellFormed()),
    secret,
  ])

/** The error for a 401 that no login of ours turns into something better. */
export const unauthorized = ({ host, what, as }: Question, bytes: Uint8Array): PreflightError =>
  as === undefined
    ? new PreflightError('REGISTRY_UNAUTHORIZED', `${host} wants a login for ${what}, and none was given (401).${wordsOf(bytes, as)}`, {
        hint: 'Give a pull secret for this registry; a repository that does not exist is often answered like this too.',
      })
    : new PreflightError('REGISTRY_UNAUTHORIZED', `${host} rejected ${what} ${asWhom(as)} (401).${wordsOf(bytes, as)}`, {
        hint: 'Check the user name and password or token, and that it has not expired.',
      })

export const denied = ({ host, what, as }: Question, bytes: Uint8Array): PreflightError =>
  new PreflightError('REGISTRY_DENIED', `${host} denied ${what} ${asWhom(as)} (403).${wordsOf(bytes, as)}`, {
    hint:
      as === undefined
        ? 'Give a pull secret that may pull this repository.'
        : 'Give this login the right to pull this repository, or use another.',
  })

export const noChallenge = ({ host, what }: Question, challenges: readonly Challenge[]): PreflightError =>
  new PreflightError(
    'REGISTRY_PROTOCOL',
    `${host} answered 401 to the question for ${what} ${
      challenges.length === 0
        ? 'without saying how to log in (no WWW-Authenticate header)'
        : `and offers only ${printable(challenges.map(({ scheme }) => scheme).join(', '), 60)} to log in, which no container runtime does`
    }.`,
    { hint: 'Check that this host is a registry, and the proxies before it.' },
  )

/** The error for a 429, with the quota as far as the headers tell it (Docker Hub's names). */
export const rateLimited = ({ host, what, as }: Question, response: SmallResponse, nowMs: number): PreflightError => {
  const left = quotaOf(response)
  const waitMs = retryAfterMs(response.header('retry-after'), nowMs)
  const window = left?.windowSeconds === undefined ? '' : ` in ${Math.round(left.windowSeconds / 360) / 10} h`
  const counts = left === undefined ? '' : ` ${left.remaining} of ${left.limit ?? '?'} pulls are left${window}.`
  const reset = waitMs === undefined ? '' : ` It asks to wait until ${new Date(nowMs + waitMs).toISOString().replace(/\.\d+/, '')}.`
  return new PreflightError(
    'REGISTRY_RATE_LIMITED',
    `${host} answers no more for now (429) when asked for ${what} ${asWhom(as)}.${counts}${reset}${wordsOf(response.bytes, as)}`,
    {
      hint: as === undefined ? 'Wait, or give a login: most registries allow more to one.' : 'Wait, or use a login with a larger quota.',
    },
  )
}

/** What is left to pull, as Docker Hub says with every manifest: `ratelimit-limit: 100;w=21600`. */
export const quotaOf = ({ header }: Pick<SmallResponse, 'header'>): Quota | undefined => {
  const [limit, remaining] = [counted(header('ratelimit-limit')), counted(header('ratelimit-remaining'))]
  if (remaining === undefined) return undefined
  return { remaining: remaining.count, ...(limit && { limit: limit.count, ...(limit.seconds && { windowSeconds: limit.seconds }) }) }
}

const counted = (text: string | undefined) => {
  const [, count, seconds] = /^\s*(\d{1,9})(?:\s*;\s*w=(\d{1,9}))?/.exec(text ?? '') ?? []
  return count === undefined ? undefined : { count: Number(count), seconds: Number(seconds ?? 0) }
}

/** Any other status that is not what was hoped for. */
export const unexpected = (question: Question, response: SmallResponse, nowMs: number): PreflightError => {
  const { host, what, as } = question
  const { status, bytes } = response
  if (status === 401) return unauthorized(question, bytes)
  if (status === 403) return denied(question, bytes)
  if (status === 429) return rateLimited(question, response, nowMs)
  if (status >= 500)
    return new PreflightError(
      'REGISTRY_FAILED',
      `${host} failed with status ${status} when asked for ${what}, also when asked again.${wordsOf(bytes, as)}`,
      {
        hint: "Try again later; look into the registry's log.",
      },
    )
  if (status === 400 && /\bHTTPS\b|SSL-enabled/i.test(Buffer.from(bytes.subarray(0, 300)).toString()))
    return new PreflightError('REGISTRY_TLS', `${host} speaks TLS, but was asked for ${what} in plain HTTP.`, {
      hint: `Leave out --plain-http ${host}.`,
    })
  return new PreflightError(
    'REGISTRY_PROTOCOL',
    `${host} answered ${what} with status ${status}${kindOf(response)}, which no registry does.${wordsOf(bytes, as)}`,
    {
      hint: 'Check that this host and port are those of the registry, and the proxies before it.',
    },
  )
}

/** `and text/html`: what a login page or a proxy sends. */
export const kindOf = (response: Pick<SmallResponse, 'header'>): string => {
  const type = mediaTypeOf(response)
  return type === '' ? '' : ` and ${printable(type, 60)}`
}

/** Content-Type without parameters, in lower case; empty when there is none. */
export const mediaTypeOf = ({ header }: Pick<SmallResponse, 'header'>): string =>
  (header('content-type') ?? '').split(';', 1)[0]!.trim().toLowerCase()

export const jsonOf = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return isRecord(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
