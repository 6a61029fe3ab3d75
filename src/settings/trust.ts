import { join } from 'node:path'
import type { Environment } from '../settings.ts'
import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

/** Whom the user trusts, as the command line says it; files are not read yet. */
export interface TrustSettings {
  /** `--key` */
  readonly keys: readonly string[]
  /** `--policy` */
  readonly policies: readonly string[]
  readonly certificateIdentity: string | undefined
  readonly certificateIdentityRegexp: string | undefined
  readonly certificateOidcIssuer: string | undefined
  readonly certificateOidcIssuerRegexp: string | undefined
  readonly insecureIgnoreSct: boolean
  readonly requireSignatures: boolean
  /** `--trusted-root` */
  readonly trustedRoot: string | undefined
  /** Undefined: no repository of trusted roots is asked. */
  readonly refresh: RefreshSettings | undefined
  /** Folder of the user's data, and home folder, in which other programs keep repositories of trusted roots; undefined: unknown. */
  readonly data: { readonly folder: string; readonly home: string } | undefined
  /** `--trust-store`, of notation. */
  readonly trustStore: string | undefined
  readonly crls: readonly string[]
}

export interface RefreshSettings {
  readonly mirrorUrl: string | undefined
  readonly initialRoot: string | undefined
}

/** @throws PreflightError USAGE */
export const trustOf = (flags: Flags, env: Environment): TrustSettings => {
  const { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp } = flags
  const identity = { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer, certificateOidcIssuerRegexp }
  if (flags.insecureIgnoreSct === true && Object.values(identity).every(one => one === undefined))
    throw usage('--insecure-ignore-sct is about certificates, and no identity was given.', 'Give --certificate-identity with its issuer.')
  for (const [flag, value] of [
    ['--trusted-root', flags.trustedRoot],
    ['--trust-store', flags.trustStore],
  ] as const)
    if (value === '') throw usage(`${flag} is empty.`)
  return {
    keys: flags.key ?? [],
    policies: flags.policy ?? [],
    ...identity,
    insecureIgnoreSct: flags.insecureIgnoreSct ?? false,
    requireSignatures: flags.requireSignatures ?? false,
    trustedRoot: flags.trustedRoot,
    refresh: refreshOf(flags),
    data: dataOf(env),
    trustStore: flags.trustStore,
    crls: flags.crl ?? [],
  }
}

const refreshOf = ({ refreshTrustedRoot, tufMirror, tufRoot, trustedRoot, offline }: Flags): RefreshSettings | undefined => {
  if (refreshTrustedRoot !== true) {
    const flag = tufMirror !== undefined ? '--tuf-mirror' : tufRoot !== undefined ? '--tuf-root' : undefined
    if (flag !== undefined) throw usage(`${flag} says where a trusted root is asked for, and none is.`, 'Add --refresh-trusted-root.')
    return undefined
  }
  const other = offline === true ? '--offline' : trustedRoot === undefined ? undefined : '--trusted-root'
  if (other !== undefined) throw usage(`--refresh-trusted-root and ${other} cannot be given together.`)
  if (tufMirror !== undefined && !(URL.canParse(tufMirror) && /^https?:$/.test(new URL(tufMirror).protocol)))
    throw usage('--tuf-mirror is not an address that begins with https://.')
  return { mirrorUrl: tufMirror, initialRoot: tufRoot }
}

/** XDG Base Directory 0.8: a relative path counts as none. */
const dataOf = ({ XDG_DATA_HOME: data = '', HOME: home = '' }: Environment): TrustSettings['data'] => {
  if (!home.startsWith('/')) return undefined
  return { folder: data.startsWith('/') ? data : join(home, '.local', 'share'), home }
}
