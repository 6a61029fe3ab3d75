import { PreflightError } from '../errors.ts'
import { printable, redactUrl } from '../redact.ts'
import { type AddressKind, literalKind } from './addresses.ts'
import { names } from './http-options.ts'
import { isSameSite } from './same-site.ts'

export interface RealmRules {
  /** The registry that named the realm. */
  readonly registry: URL
  /** Whether a login would be sent there. */
  readonly credentialed: boolean
  /** `--allow-realm`. */
  readonly allowRealms: readonly string[]
  kindOf(url: URL): AddressKind
}

/**
 * The token server that a registry names in its challenge. The registry may be anybody's, so it must not choose freely who
 * gets the password (CVE-2020-15157 and its kind) nor what on the inside of this network is asked.
 *
 * @throws PreflightError REGISTRY_REALM, REGISTRY_PROTOCOL
 */
export const checkRealm = (realm: string, { registry, credentialed, allowRealms, kindOf }: RealmRules): URL => {
  const url = URL.parse(realm)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new PreflightError(
      'REGISTRY_PROTOCOL',
      `${registry.host} names "${printable(realm, 100)}" as its token server, which is not a URL.`,
      {
        hint: 'Correct the realm in the configuration of the registry.',
      },
    )
  const refuse = (why: string, hint: string) =>
    new PreflightError(
      'REGISTRY_REALM',
      `${registry.host} names ${printable(redactUrl(url))} as its token server; it was not asked, because ${why}.`,
      { hint },
    )
  const correct = "Correct the realm in the configuration of the registry, or check that this is the registry's right name."

  if (url.username !== '' || url.password !== '') throw refuse('its address holds a login', correct)
  if (url.protocol === 'http:' && registry.protocol === 'https:')
    throw refuse('it would be asked in plain HTTP, although the registry speaks TLS', correct)
  const kind = literalKind(url)
  if (kind === 'forbidden') throw refuse('that is a link-local or metadata address', correct)
  if (kind === 'loopback' && kindOf(registry) !== 'loopback') throw refuse('that is this machine itself', correct)
  if (kind === 'private' && kindOf(registry) === 'public') throw refuse('that is a private address, and the registry is not', correct)
  if (!credentialed || url.host === registry.host || names(allowRealms, url)) return url
  // Two ports of one address may be two people's; two ports of one name are one owner's.
  if (kind === undefined && isSameSite(registry.hostname, url.hostname)) return url
  throw refuse(
    'it is on another host, to which the login is not sent',
    `If ${url.host} is the token server of this registry, say so with --allow-realm ${url.host}.`,
  )
}
