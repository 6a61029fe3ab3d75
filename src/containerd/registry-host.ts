import type { Capability } from './host-table.ts'
import type { ClientCertificate, PemFile } from './tls-files.ts'

/** One host that a node asks for a registry's images. */
export interface RegistryHost {
  /** `https` or `http` where it can be reached at all. */
  readonly scheme: string
  /** With port, as written; empty where the URL names none: a request to it always fails. */
  readonly host: string
  /** The root of the API, `/v2` unless overridden; the repository follows. */
  readonly path: string
  readonly capabilities: readonly Capability[]
  /** Sent with every request, also to the token server; names as written. May hold secrets. */
  readonly header: Readonly<Record<string, readonly string[]>>
  /**
   * Written as `http://` with a TLS setting: HTTPS first, then plain HTTP when what answers does not speak TLS or the
   * handshake times out; without a port also when nothing answers (containerd 2.4 docker.NewHTTPFallback).
   */
  readonly httpFallback: boolean
  /** The certificate is not checked. */
  readonly skipVerify: boolean
  /** Trusted besides the machine's roots. */
  readonly ca: readonly PemFile[]
  readonly client: readonly ClientCertificate[]
  /** To connect, without the TLS handshake; 0: no limit, below 0: it fails at once. */
  readonly dialTimeoutMs: number
  /** The node's own login for this host, used when the pod has none (`registry.configs`). Secret. */
  readonly login?: NodeLogin
}

/** What ParseAuth of containerd's CRI plugin makes of an `auth` table; `username` is empty for an identity token. */
export interface NodeLogin {
  readonly username: string
  readonly password: string
}

export const defaultDialTimeoutMs = 30_000

/** Where the hosts come from. */
export type HostsSource =
  /** No file speaks of the registry: it is asked directly. */
  | { readonly kind: 'none' }
  | { readonly kind: 'hostsToml'; readonly file: string }
  /** `*.crt`, `*.cert` and `*.key` in a folder without a (usable) hosts.toml. */
  | { readonly kind: 'certificates'; readonly folder: string }
  /** `registry.mirrors` and `registry.configs` of containerd's own configuration. */
  | { readonly kind: 'mirrors'; readonly files: readonly string[] }

/** What containerd passes over, at most with a line in its log, though whoever wrote it meant something by it. */
export interface HostsProblem {
  readonly kind: /** The file is put aside as a whole: no mirror is asked. */
    | 'fileInvalid'
    /** A host is written in a way in which containerd does not look for it. */
    | 'hostUnread'
    | 'keyUnknown'
    /** The URL of a host names no host: each pull fails there first. */
    | 'hostNameless'
    /** `mirrors`, `configs` and `auths` still work, but will not for long. */
    | 'tablesOld'
    /** TLS settings of `registry.configs` that containerd 2 no longer knows. */
    | 'tlsUnread'
    /** A mirror's path lacks `/v2`, which containerd does not add there. */
    | 'pathWithoutApi'
    /** More than one folder in `config_path`, which containerd since 2.1 takes for the name of one. */
    | 'foldersUnread'
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** A sentence or two, printable, without secrets. */
  readonly message: string
}

/** What a node does for one registry. */
export type RegistryHosts = {
  /** As in an image reference: `docker.io`, `registry.example.com:5000`. */
  readonly registry: string
  readonly source: HostsSource
  readonly problems: readonly HostsProblem[]
} & (
  | {
      readonly ok: true
      /** In the order in which they are asked. */
      readonly hosts: readonly RegistryHost[]
    }
  | {
      readonly ok: false
      /** True: containerd refuses, and no image of this registry can be pulled. False: we may not read what containerd can. */
      readonly refused: boolean
      readonly file: string
      /** A sentence or two, printable, without secrets. */
      readonly message: string
      /** What to do, as a sentence. */
      readonly hint: string
    }
)
