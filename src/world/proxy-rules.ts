import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** Which proxy to use, as the environment says; an empty value is the same as none. */
export interface ProxySettings {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  readonly noProxy?: string
}

/**
 * The proxy that Go programs, and so containerd and kubelet, take for `url`; undefined: none. Never one for `localhost`
 * and loopback addresses. What is no address at all is given back as Go reads it, for the caller to refuse.
 *
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
export const proxyFor = (settings: ProxySettings, url: URL): string | undefined => {
  const written = url.protocol === 'https:' ? settings.httpsProxy : url.protocol === 'http:' ? settings.httpProxy : undefined
  if (!written) return undefined
  return isExcepted(settings.noProxy ?? '', url) ? undefined : proxyAddress(written)
}

/** `host:port` alone means `http://host:port`. */
const proxyAddress = (written: string): string => (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(written) ? written : `http://${written}`)

const isExcepted = (noProxy: string, url: URL): boolean => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || loopback.check(host, family(host))) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy.split(',').some(entry => matches(entry.trim().toLowerCase(), host, port))
}

/** One entry of NO_PROXY: `*`, a network, an address or a domain, the latter two with or without a port. */
const matches = (entry: string, host: string, port: string): boolean => {
  if (entry === '') return false
  if (entry === '*') return true
  const network = networkOf(entry)
  if (network !== undefined) return isIP(host) !== 0 && network.isV4 === isV4(host) && network.list.check(host, family(host))
  const [name, only] = splitHostPort(entry) ?? [entry, '']
  if (name === '' || (only !== '' && only !== port)) return false
  if (isAddress(name)) return isIP(host) !== 0 && listOf(name).check(host, family(host))
  return isIP(host) === 0 && matchesDomain(name, host)
}

/** `example.com` covers itself and what lies below, `.example.com` and `*.example.com` only the latter. */
const matchesDomain = (name: string, host: string): boolean => {
  const domain = name.startsWith('*.') ? name.slice(1) : name
  const suffix = domain.startsWith('.') ? domain : `.${domain}`
  const ascii = `.${domainToASCII(suffix.slice(1)) || suffix.slice(1)}`
  return host.endsWith(ascii) || (domain === suffix.slice(1) && host === ascii.slice(1))
}

/** Go's net.SplitHostPort; undefined where that gives an error. */
const splitHostPort = (text: string): readonly [host: string, port: string] | undefined => {
  const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^[\]:]*)):([^[\]:]*)$/.exec(text) ?? []
  return port === undefined ? undefined : [bracketed ?? plain ?? '', port]
}

const isAddress = (text: string): boolean => isIP(text) !== 0 && !text.includes('%')
const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const listOf = (address: string): BlockList => {
  const list = new BlockList()
  list.addAddress(address, family(address))
  return list
}

const mapped = new BlockList()
mapped.addSubnet('::ffff:0:0', 96, 'ipv6')
/** Go has one form for an IPv4 address and for the same inside IPv6; no other network of IPv6 holds it (net.IPNet.Contains). */
const isV4 = (address: string): boolean => isIP(address) === 4 || mapped.check(address, 'ipv6')

const networkOf = (entry: string): { readonly list: BlockList; readonly isV4: boolean } | undefined => {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? []
  if (!isAddress(address) || Number(bits) > (isIP(address) === 6 ? 128 : 32)) return undefined
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family(address))
  return { list, isV4: isV4(address) && (isIP(address) === 4 || Number(bits) >= 96) }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
