import { proxyDomainOf } from '../embedded-cluster/plugins.ts'
import type { ConfigFact } from '../facts/config.ts'
import type { Settings } from '../settings.ts'
import type { LicenseOptions } from '../world/license-file.ts'

/** Nodes log in to Replicated's proxy by themselves from Embedded Cluster 3; those of 2 give Velero's pod no login. */
export const licenseOf = ({ license, ecVersion }: Settings, configs: readonly ConfigFact[]): LicenseOptions | undefined => {
  if (license === undefined) return undefined
  const version = ecVersion ?? configs.map(config => config.version?.text).find(text => text !== undefined) ?? ''
  const onNodes = Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0) >= 3
  return { file: license, domains: configs.map(proxyDomainOf).filter(domain => domain !== ''), onNodes }
}
