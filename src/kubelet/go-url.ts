import { isIPv6 } from './ip.ts'

/** Host and path of a URL as Go's net/url splits them. */
export interface GoUrl {
  /** With port, and with the brackets of an IPv6 address. */
  readonly host: string
  readonly path: string
}

/**
 * `net/url.Parse("https://" + rest)`: what kubelet makes of a key of a docker config. Userinfo, query and fragment fall away.
 *
 * @returns undefined where Go gives an error, upon which kubelet passes the entry over
 * @see https://github.com/golang/go/blob/go1.24.12/src/net/url/url.go
 */
export const parseGoUrl = (rest: string): GoUrl | undefined => {
  const hash = rest.indexOf('#')
  const whole = hash < 0 ? rest : rest.slice(0, hash)
  if (hasControl(whole) || (hash >= 0 && unescaped(rest.slice(hash + 1)) === undefined)) return undefined
  const question = whole.indexOf('?')
  const located = question < 0 ? whole : whole.slice(0, question)
  const slash = located.indexOf('/')
  const authority = slash < 0 ? located : located.slice(0, slash)
  const path = unescaped(slash < 0 ? '' : located.slice(slash))
  const at = authority.lastIndexOf('@')
  if (at >= 0 && !isUserinfo(authority.slice(0, at))) return undefined
  const host = parseHost(authority.slice(at + 1))
  return host === undefined || path === undefined ? undefined : { host, path }
}

/** net.SplitHostPort, with kubelet's fallback to a host without port (pkg/credentialprovider/keyring.go `SplitURL`). */
export const splitPort = (host: string): readonly [name: string, port: string] => {
  const bracketed = /^\[([^[\]]*)\]:([^[\]:]*)$/.exec(host)
  if (bracketed !== null) return [bracketed[1]!, bracketed[2]!]
  const colon = host.indexOf(':')
  if (colon < 0 || colon !== host.lastIndexOf(':') || /[[\]]/.test(host)) return [host, '']
  return [host.slice(0, colon), host.slice(colon + 1)]
}

const hasControl = (text: string): boolean => [...text].some(char => char < ' ' || char === '\u007f')

const isUserinfo = (text: string): boolean => /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text) && unescaped(text) !== undefined

const parseHost = (host: string): string | undefined => {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) return undefined
  if (bracket === 0) return parseIPv6(host)
  const colon = host.lastIndexOf(':')
  if (colon >= 0 && !isPort(host.slice(colon))) return undefined
  return unescapeHost(host)
}

const parseIPv6 = (host: string): string | undefined => {
  const close = host.lastIndexOf(']')
  if (close < 0 || !isPort(host.slice(close + 1))) return undefined
  const inside = host.slice(1, close)
  const zoned = inside.indexOf('%25')
  const address = unescapeHost(zoned < 0 ? inside : inside.slice(0, zoned))
  const zone = zoned < 0 ? '' : unescapeZone(inside.slice(zoned))
  if (address === undefined || zone === undefined || !isIPv6(address) || (zoned >= 0 && zone.length < 2)) return undefined
  return `[${address}${zone}]${host.slice(close + 1)}`
}

const isPort = (text: string): boolean => /^(?::[0-9]*)?$/.test(text)

/** ASCII that may stand in a host as it is; beyond ASCII all may. */
const hostText = /^[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"\u0080-\u{10ffff}]*$/u

/** In a host, `%` may escape what is not ASCII, and itself. */
const unescapeHost = (text: string): string | undefined => {
  const escapes = text.match(/%../g) ?? []
  if (!hostText.test(text.replace(/%[0-9A-Fa-f]{2}/g, ''))) return undefined
  return escapes.every(code => code === '%25' || /[89a-f]/i.test(code[1]!)) ? unescaped(text) : undefined
}

const unescapeZone = (text: string): string | undefined => {
  if (!hostText.test(text.replace(/%[0-9A-Fa-f]{2}/g, ''))) return undefined
  const plain = unescaped(text)
  return plain !== undefined && hostText.test(plain.replace(/[% ]/g, '')) ? plain : undefined
}

const unescaped = (text: string): string | undefined => {
  if (!text.includes('%')) return text
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined
  const bytes = Buffer.from(text)
  const plain: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const escaped = bytes[i] === 0x25
    plain.push(escaped ? Number.parseInt(bytes.toString('latin1', i + 1, i + 3), 16) : bytes[i]!)
    if (escaped) i += 2
  }
  return Buffer.from(plain).toString()
}
