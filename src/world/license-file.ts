import { licenseLogin, proxyDomain } from '../embedded-cluster/license.ts'
import { readBounded } from './bounded-file.ts'
import type { Credential, LicenseStore } from './world.ts'

const limitBytes = 1 << 20

export interface LicenseOptions {
  /** `--license` */
  readonly file: string
  /** `proxyRegistryDomain` of the Configs. */
  readonly domains: readonly string[]
  /** Whether nodes have it: from Embedded Cluster 3. */
  readonly onNodes: boolean
}

/**
 * A licence as the login of Replicated's proxy, and of no other host.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, LICENSE_INVALID
 */
export const openLicense = async ({ file, domains, onNodes }: LicenseOptions): Promise<LicenseStore> => {
  const login = licenseLogin(await readBounded(file, limitBytes, '--license'), file)
  const hosts = new Set([proxyDomain, ...domains])
  const credentialFor = (host: string): Credential => ({
    ...login,
    source: { kind: 'license', file, entry: host, username: login.username },
  })
  return { onNodes, login: ({ domain }) => (hosts.has(domain) ? credentialFor(domain) : undefined) }
}
