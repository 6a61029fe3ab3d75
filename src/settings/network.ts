import type { Environment } from '../settings.ts'
import { durationOf, list, usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface NetworkSettings {
  readonly caFiles: readonly string[]
  readonly plainHttpHosts: readonly string[]
  readonly insecureSkipTlsVerifyHosts: readonly string[]
  readonly allowRealms: readonly string[]
  /** Folders as in containerd's `config_path`; undefined: those of this machine, when it is a node. */
  readonly hostsDir: string | undefined
  /** Root folder of a node; undefined: none was asked for. */
  readonly nodeSettings: string | undefined
  /** Root folder of the node that this pod is on. */
  readonly nodeRoot: string | undefined
  /** For one request: to connect, to the first byte, and between two bytes. Undefined: the client's own limits. */
  readonly requestTimeoutMs: number | undefined
  readonly proxy: { readonly httpProxy: string; readonly httpsProxy: string; readonly noProxy: string }
}

/** A host with an optional port: what a flag that loosens a rule may name, and nothing wider. */
const hostsOf = (flag: string, values: readonly string[] = []): readonly string[] =>
  list(values).map(host => {
    if (!/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host)) {
      throw usage(`${flag} ${host}: it takes one host, as in the image reference (registry.example.com or registry.example.com:5000).`)
    }
    return host.toLowerCase()
  })

/** As Go's net/http: upper case first, the lower-case name where that is unset or empty. */
const proxyOf = (env: Environment): NetworkSettings['proxy'] => {
  const of = (name: string) => env[name] || env[name.toLowerCase()] || ''
  return { httpProxy: of('HTTP_PROXY'), httpsProxy: of('HTTPS_PROXY'), noProxy: of('NO_PROXY') }
}

/** @throws PreflightError USAGE */
export const networkOf = (flags: Flags, env: Environment): NetworkSettings => ({
  caFiles: flags.caFile ?? [],
  plainHttpHosts: hostsOf('--plain-http', flags.plainHttp),
  insecureSkipTlsVerifyHosts: hostsOf('--insecure-skip-tls-verify', flags.insecureSkipTlsVerify),
  allowRealms: hostsOf('--allow-realm', flags.allowRealm),
  hostsDir: flags.hostsDir,
  nodeSettings: flags.nodeSettings === true ? '/' : flags.nodeSettings,
  nodeRoot: flags.nodeRoot,
  requestTimeoutMs: flags.requestTimeout === undefined ? undefined : durationOf('--request-timeout', flags.requestTimeout),
  proxy: proxyOf(env),
})
