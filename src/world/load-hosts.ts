import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HostsOf } from './hosts-dir.ts'

/** Only a node has it. */
const k0sFolder = '/etc/k0s'

/**
 * What a node asks for a registry: from `--hosts-dir`, else from the k0s of this machine, or of the node whose root folder is mounted; undefined where there is neither. What
 * reads TOML is loaded only here, where it is needed.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE for `hostsDir`
 */
export const loadHosts = async (hostsDir: string | undefined, nodeRoot = '/'): Promise<HostsOf | undefined> => {
  if (hostsDir === undefined && !existsSync(join(nodeRoot, k0sFolder))) return undefined
  const { hostsFromDirs, hostsFromNode } = await import('./hosts-dir.ts')
  return hostsDir === undefined ? hostsFromNode(nodeRoot) : hostsFromDirs(hostsDir)
}
