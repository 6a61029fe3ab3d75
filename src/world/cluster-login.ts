import type { AgentOptions, RequestOptions } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { PreflightError } from '../errors.ts'
import { isObject, listAt, textAt, valueAt } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import { readBounded } from './bounded-file.ts'
import type { ClusterConnection } from './cluster-exchange.ts'
import { execLogin } from './cluster-exec.ts'
import type { KubeContext } from './cluster-kubeconfig.ts'
import { type ClusterRoute, openRoute } from './cluster-route.ts'
import { type ProxySettings, proxyFor } from './proxy-rules.ts'

const tokenBytes = 1 << 20

export interface ClusterLoginOptions {
  readonly context: KubeContext
  /** Of the environment; the kubeconfig's own goes before. */
  readonly proxy: ProxySettings
  /** Of the program that gives a login. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * What a kubeconfig's cluster and user make of a request: headers, certificates, proxies.
 *
 * @throws PreflightError KUBECONFIG_INVALID; CLUSTER_LOGIN when the login could not be had
 */
export const connectCluster = async ({ context, proxy, ...run }: ClusterLoginOptions): Promise<ClusterConnection & ClusterRoute> => {
  const { cluster, user } = context
  const server = serverOf(context)
  const login = await loginOf(context, run)
  const ca = textAt(cluster, 'certificate-authority-data')
  const cert = login.cert ?? textAt(user, 'client-certificate-data')
  const key = login.key ?? textAt(user, 'client-key-data')
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    {
      name: 'cluster',
      server: server.href,
      ...optional('caData', ca),
      ...fileUnless('caFile', ca, textAt(cluster, 'certificate-authority')),
      ...optional('tlsServerName', textAt(cluster, 'tls-server-name')),
      ...optional('proxyUrl', textAt(cluster, 'proxy-url') || proxyFor(proxy, server)),
      // Of plain HTTP the library wants to hear that nothing is verified there, which goes without saying.
      skipTLSVerify: isUnverified(context) || server.protocol === 'http:',
    },
    {
      name: 'user',
      ...optional('token', login.token),
      ...optional('certData', cert),
      ...fileUnless('certFile', cert, textAt(user, 'client-certificate')),
      ...optional('keyData', key),
      ...fileUnless('keyFile', key, textAt(user, 'client-key')),
      ...optional('username', login.token === undefined ? textAt(user, 'username') : undefined),
      ...optional('password', textAt(user, 'password')),
      ...optional('impersonateUser', textAt(user, 'as')),
    },
  )
  const options: RequestOptions & ConnectionOptions = {}
  try {
    await config.applyToHTTPSOptions(options)
  } catch (cause) {
    const why = printable(redact(cause instanceof Error ? cause.message : String(cause)), 300)
    throw invalid(context, `cannot be used: ${why}`)
  }
  const headers = { ...(options.headers as Headers), ...basic(options.auth), ...impersonation(context) }
  const route = await openRoute(config, options as AgentOptions, run.timeoutMs)
  return { server: server.href.replace(/\/$/, ''), headers, ...route }
}

type Headers = Readonly<Record<string, string>>

const basic = (auth: string | null | undefined): Headers => (auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {})

/** Its certificate is not checked. */
export const isUnverified = ({ cluster }: KubeContext): boolean => valueAt(cluster, 'insecure-skip-tls-verify') === true

/** @throws PreflightError KUBECONFIG_INVALID */
export const serverOf = (context: KubeContext): URL => {
  const written = textAt(context.cluster, 'server') ?? ''
  const url = URL.parse(/^[a-z]+:\/\//i.test(written) ? written : `https://${written}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '')
    throw invalid(context, 'names no server by its https:// address')
  return url
}

interface Login {
  readonly token?: string | undefined
  /** Base64, as in a kubeconfig. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** In client-go's order: a program, a provider, a file with a token, the token itself. */
const loginOf = async (context: KubeContext, run: Omit<ClusterLoginOptions, 'context' | 'proxy'>): Promise<Login> => {
  const { user, cluster } = context
  const exec = valueAt(user, 'exec')
  const base64 = (pem: string | undefined) => pem && Buffer.from(pem).toString('base64')
  if (isObject(exec)) {
    const { token, cert, key } = await execLogin({ exec, cluster, ...run })
    return { token, cert: base64(cert), key: base64(key) }
  }
  const provider = textAt(user, 'auth-provider', 'name')
  if (provider !== undefined) return { token: providerToken(context, provider) }
  const file = textAt(user, 'tokenFile')
  if (!file) return { token: textAt(user, 'token') }
  return {
    token: Buffer.from(await readBounded(file, tokenBytes, 'the tokenFile of the kubeconfig'))
      .toString('utf8')
      .trim(),
  }
}

/** The token that kubectl has put there; kubectl renews it, we do not write into a kubeconfig. */
const providerToken = (context: KubeContext, provider: string): string => {
  const token = provider === 'oidc' ? textAt(context.user, 'auth-provider', 'config', 'id-token') : undefined
  if (token) return token
  throw new PreflightError(
    'CLUSTER_LOGIN',
    `The context ${printable(context.name)} has no login that can be used: its auth-provider ${printable(provider)} gives none.`,
    {
      hint:
        provider === 'oidc'
          ? 'Log in with kubectl, which puts a token into the kubeconfig.'
          : 'kubectl takes it no more either; use a credential plugin (exec).',
    },
  )
}

/** What kubectl sends besides `as`, which the library knows. */
const impersonation = ({ user }: KubeContext): Readonly<Record<string, string | string[]>> => {
  const groups = listAt(user, 'as-groups').map(String)
  const uid = textAt(user, 'as-uid')
  const extra = valueAt(user, 'as-user-extra')
  const extras = Object.keys(isObject(extra) ? extra : {}).map(key => [
    `Impersonate-Extra-${encodeURIComponent(key)}`,
    listAt(extra, key).map(String),
  ])
  return {
    ...(groups.length > 0 && { 'Impersonate-Group': groups }),
    ...(uid && { 'Impersonate-Uid': uid }),
    ...Object.fromEntries(extras),
  }
}

const optional = <K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } =>
  value === undefined || value === '' ? {} : ({ [key]: value } as { readonly [key in K]: string })

/** For kubectl what stands in the kubeconfig itself goes before a file, for the library after it. */
const fileUnless = <K extends string>(key: K, data: string | undefined, file: string | undefined) => optional(key, data ? undefined : file)

const invalid = ({ name, source }: KubeContext, what: string): PreflightError =>
  new PreflightError('KUBECONFIG_INVALID', `The context ${printable(name)} of ${printable(source)} ${what}.`, {
    hint: 'Check it with kubectl config view.',
  })
