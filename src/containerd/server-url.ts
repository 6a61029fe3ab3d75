import { parseGoUrl } from '../kubelet/go-url.ts'
import { cleanPath } from '../oci/go-path.ts'

export interface ServerUrl {
  /** In lower case; empty where there is none. */
  readonly scheme: string
  /** With port; empty where the URL names none, as in `//mirror.example.com`. */
  readonly host: string
  /** Unescaped. */
  readonly path: string
}

/**
 * What containerd makes of `server`, or of the name of a `[host."…"]` table: the scheme is https unless it begins with
 * `http`, and the path gets `/v2` at its end unless it has it or `override_path` is set. Userinfo, query and fragment fall away.
 *
 * @returns undefined where Go's net/url gives an error
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/remotes/docker/config/hosts.go (parseHostConfig)
 */
export const parseServerUrl = (server: string, overridePath: boolean): ServerUrl | undefined => {
  const url = parseUrl(server.startsWith('http') ? server : `https://${server}`)
  if (url === undefined) return undefined
  const path = url.path === '' ? '' : cleanPath(url.path)
  return { ...url, path: overridePath || (path !== '' && path.endsWith('/v2')) ? path : `${path}/v2` }
}

/** net/url.Parse, of whose answer containerd uses these three. @returns undefined where it gives an error */
export const parseUrl = (text: string): ServerUrl | undefined => {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) return withoutScheme(text)
  if (!rest.startsWith('//')) return withoutHost(scheme.toLowerCase(), rest)
  const url = parseGoUrl(rest.slice(2))
  // Go 1.26, of which containerd 2.3 and later are built, no longer takes a second colon (`urlstrictcolons`); kubelet's does.
  return url === undefined || /^[^[].*:.*:|^:.*:/.test(url.host) ? undefined : { scheme: scheme.toLowerCase(), ...url }
}

/** `http:/path`, and `http:opaque`, of which nothing is left. */
const withoutHost = (scheme: string, rest: string): ServerUrl | undefined => {
  const url = parseGoUrl(rest.startsWith('/') ? rest : rest.replace(/^[^?#\p{Cc}]*/u, ''))
  return url === undefined ? undefined : { scheme, host: '', path: url.path }
}

/** `httpd/path`: a relative path, whose first component may not hold a colon. */
const withoutScheme = (text: string): ServerUrl | undefined => {
  const url = /^[^/?#]*:/.test(text) ? undefined : parseGoUrl(`/${text}`)
  return url === undefined ? undefined : { scheme: '', host: '', path: url.path.slice(1) }
}
