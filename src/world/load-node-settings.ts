import type { NetworkSource } from '../facts/image.ts'
import type { ProxySettings } from './proxy-rules.ts'

export interface Network {
  readonly proxy: ProxySettings
  /** In place of this machine's roots. */
  readonly rootPems?: readonly string[] | undefined
  /** Absent when no settings of a node were given. */
  readonly source?: NetworkSource
}

/**
 * The proxies of the environment, or where it names none and a node's root folder was given, the node's; and whom the node
 * trusts. `nodeRoot` may be a node of any kind. The file is loaded only when it is needed.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, YAML_INVALID for `folder`
 */
export const networkOf = async (given: string | undefined, environment: ProxySettings, nodeRoot?: string): Promise<Network> => {
  const folder = given ?? nodeRoot
  if (folder === undefined) return { proxy: environment }
  const { readNodeSettings } = await import('./node-settings.ts')
  const node = readNodeSettings(folder, given !== undefined)
  const isSet = Boolean(environment.httpProxy || environment.httpsProxy)
  const from = isSet ? 'the environment' : node.proxy?.file
  return {
    proxy: isSet || node.proxy === undefined ? environment : node.proxy.settings,
    rootPems: node.authorities?.pems,
    source: { ...(from !== undefined && { proxy: from }), ...(node.authorities && { authorities: node.authorities.file }) },
  }
}
