import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/**
 * Whom TLS trusts: the machine's roots, as Go programs on it do (Node's own list only where the machine has none), what
 * NODE_EXTRA_CA_CERTS adds, and `caPems`.
 *
 * @param rootPems take the place of the machine's roots
 * @param clients certificates to show to a server that asks for one, with their keys; PEM
 */
export const secureContext = (
  caPems: readonly string[],
  clients: readonly { readonly cert: string; readonly key: string }[] = [],
  rootPems?: readonly string[],
): SecureContext => {
  const system = rootPems ?? getCACertificates('system')
  const roots = system.length > 0 ? system : getCACertificates('bundled')
  return createSecureContext({
    ca: [...new Set([...roots, ...getCACertificates('extra'), ...caPems])],
    ...(clients.length === 0 ? {} : { cert: clients.map(({ cert }) => cert), key: clients.map(({ key }) => key) }),
  })
}
