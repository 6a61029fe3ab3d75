import { lookup as systemLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { type AddressKind, addressKind, literalKind } from './addresses.ts'
import { ForbiddenAddress } from './http-errors.ts'

/** Where a host may lead. `public` and `private` depend on who named it; `forbidden` addresses are never contacted. */
export interface NameLookup {
  /**
   * For sockets: resolves a name, and refuses it when any of its addresses must not be contacted. Addresses are looked at
   * after DNS, because a name of a stranger may resolve to the inside of this network.
   */
  forSockets(allowLoopback: boolean): LookupFunction
  /** What is known of a host: of an address at once, of a name after it was resolved; `public` before that. */
  kindOf(url: URL): AddressKind
}

const order: readonly AddressKind[] = ['public', 'private', 'loopback', 'forbidden']

export const createNameLookup = (
  resolve: (hostname: string) => Promise<readonly string[]> = async name =>
    (await systemLookup(name, { all: true })).map(({ address }) => address),
): NameLookup => {
  const kinds = new Map<string, AddressKind>()
  const resolveSafely = async (hostname: string, allowLoopback: boolean): Promise<readonly string[]> => {
    const addresses = await resolve(hostname)
    if (addresses.length === 0) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' })
    for (const address of addresses) {
      const kind = addressKind(address)
      if (order.indexOf(kind) > order.indexOf(kinds.get(hostname) ?? 'public')) kinds.set(hostname, kind)
      if (kind === 'forbidden') throw new ForbiddenAddress(`its name leads to ${address}, a link-local or metadata address`)
      if (kind === 'loopback' && !allowLoopback) throw new ForbiddenAddress(`its name leads to ${address}, this machine itself`)
    }
    return addresses
  }
  return {
    forSockets: allowLoopback => (hostname, options, callback) => {
      resolveSafely(hostname, allowLoopback).then(
        addresses => {
          const all = addresses.map(address => ({ address, family: isIP(address) }))
          if (options.all) callback(null, all)
          else callback(null, all[0]!.address, all[0]!.family)
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      )
    },
    kindOf: url => literalKind(url) ?? kinds.get(url.hostname) ?? 'public',
  }
}
