import { BlockList, isIPv4 } from 'node:net'

/**
 * How far inside an address lies. `forbidden`: link-local and the metadata services of clouds, which hold a machine's
 * credentials and never a registry; `unspecified` addresses lead to the machine itself.
 */
export type AddressKind = 'public' | 'private' | 'loopback' | 'forbidden'

/** Of an address; `isIPv6` compiles a pattern that takes as long as a request to a near registry. */
const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')

const list = (...networks: readonly string[]): BlockList => {
  const blocks = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    blocks.addSubnet(address, Number(bits), familyOf(address))
  }
  return blocks
}

/** RFC 3927, RFC 4291; and the metadata addresses of AWS (IPv6), Alibaba Cloud and Azure that lie elsewhere. */
const forbidden = list('169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32', '168.63.129.16/32')
/** RFC 1122, RFC 4291; connecting to the unspecified address reaches the loopback interface. */
const loopback = list('127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128')
/** RFC 1918, RFC 6598 (carriers' networks), RFC 4193. */
const internal = list('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7')

/** @param address IPv4 or IPv6, without brackets; an IPv4 address inside IPv6 (RFC 4291, RFC 6052) counts as that */
export const addressKind = (address: string): AddressKind => {
  const inner = embeddedIpv4(address)
  if (inner !== undefined) return addressKind(inner)
  const family = familyOf(address)
  if (forbidden.check(address, family)) return 'forbidden'
  if (loopback.check(address, family)) return 'loopback'
  return internal.check(address, family) ? 'private' : 'public'
}

/** The host of a URL when it is an address or `localhost`; undefined for a name that DNS has to resolve. */
export const literalKind = ({ hostname }: URL): AddressKind | undefined => {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return 'loopback'
  if (hostname.startsWith('[')) return addressKind(hostname.slice(1, -1))
  return isIPv4(hostname) ? addressKind(hostname) : undefined
}

/** containerd 2.4 core/remotes/docker/registry.go `MatchLocalhost`. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' || (literalKind(url) === 'loopback' && !url.hostname.endsWith('localhost'))

/** `::ffff:a.b.c.d` and `64:ff9b::a.b.c.d`, which node and resolvers also write in hexadecimal. */
const embeddedIpv4 = (address: string): string | undefined => {
  const [, dotted, high, low] = /^(?:::ffff:|64:ff9b::)(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address) ?? []
  if (dotted !== undefined) return dotted
  if (high === undefined || low === undefined) return undefined
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`
}
