import { PreflightError } from '../errors.ts'
import { printable, redactUrl } from '../redact.ts'
import { type AddressKind, literalKind } from './addresses.ts'

/** As many as Go's net/http and containerd follow. */
export const maxRedirects = 10

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** Where a registry sends its client: the registry may be anybody's, so it may not choose freely. */
export interface RedirectRules {
  readonly registry: URL
  /** The URL that answered with the redirect. */
  readonly from: URL
  /** What is wanted, for messages. */
  readonly what: string
  kindOf(url: URL): AddressKind
}

/** @throws PreflightError REGISTRY_REDIRECT, which names the target without its query (it may be a signature) */
export const redirectTarget = (location: string | undefined, { registry, from, what, kindOf }: RedirectRules): URL => {
  const fail = (problem: string) =>
    new PreflightError('REGISTRY_REDIRECT', `${from.host} redirects ${what} ${problem}.`, {
      hint: 'Check the configuration of the registry (its external address, its storage) and the proxies before it.',
    })
  if (location === undefined) throw fail('to nowhere: there is no Location header')
  const url = URL.parse(location, from)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw fail(`to ${url === null ? 'no address' : printable(redactUrl(url))}, which cannot be followed`)
  const to = `to ${printable(redactUrl(url))}, which is not followed, because`
  if (url.username !== '' || url.password !== '') throw fail(`${to} it holds a login`)
  if (url.protocol === 'http:' && from.protocol === 'https:') throw fail(`${to} it would leave TLS for plain HTTP`)
  const kind = literalKind(url)
  if (kind === 'forbidden') throw fail(`${to} that is a link-local or metadata address`)
  if (kind === 'loopback' && kindOf(registry) !== 'loopback') throw fail(`${to} that is this machine itself`)
  if (kind === 'private' && kindOf(registry) === 'public') throw fail(`${to} that is a private address, and the registry is not`)
  return url
}

export const tooManyRedirects = (host: string, what: string): PreflightError =>
  new PreflightError('REGISTRY_REDIRECT', `${host} redirected more than ${maxRedirects} times when asked for ${what}.`, {
    hint: 'Check the configuration of the registry (its external address) and the proxies before it.',
  })
