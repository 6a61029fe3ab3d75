/** Go's net.SplitHostPort; undefined where that gives an error, as for a host without a port. */
export const splitHostPort = (text: string): { readonly name: string; readonly port: string } | undefined => {
  const [, bracketed, plain, port] = /^(?:\[([^[\]]*)\]|([^[\]:]*)):([^[\]:]*)$/.exec(text) ?? []
  return port === undefined ? undefined : { name: bracketed ?? plain ?? '', port }
}

/** The port of `host:port`, empty where there is none. */
export const portOf = (host: string): string => splitHostPort(host)?.port ?? ''

/** containerd 2.4 core/remotes/docker `IsLocalhost`: `localhost` and loopback addresses, with or without a port. */
export const isLocalhost = (host: string): boolean => {
  const name = splitHostPort(host)?.name ?? host
  return name === 'localhost' || isLoopbackV4(name) || isLoopbackV6(name)
}

const isLoopbackV4 = (name: string): boolean =>
  /^127(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(name) && name.split('.').every(part => Number(part) <= 255)

const isLoopbackV6 = (name: string): boolean => {
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(name)) return false
  const address = URL.parse(`http://[${name}]`)?.hostname
  return address === '[::1]' || (address !== undefined && /^\[::ffff:7f[0-9a-f]{2}:/.test(address))
}
