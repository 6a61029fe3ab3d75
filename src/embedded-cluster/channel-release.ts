import { PreflightError } from '../errors.ts'
import type { ChannelRelease } from '../facts/config.ts'
import { redact } from '../redact.ts'
import { at, parseYaml, type YamlNode } from '../yaml-source.ts'

/** By which Embedded Cluster 2.19 (pkg/release/release.go) knows the file, whatever its name. */
const mark = '# channel release object'

/** What a release says of itself, in the last file that has the mark; undefined: none, or nothing that can be read. */
export const channelReleaseIn = (files: readonly { readonly file: string; readonly bytes: Uint8Array }[]): ChannelRelease | undefined => {
  const found = files.findLast(({ bytes }) => Buffer.from(bytes).includes(mark))
  const root = found && rootOf(found.bytes, found.file)
  if (found === undefined || root?.kind !== 'map') return undefined
  const domain = textAt(root, 'defaultDomains', 'proxyRegistryDomain')
  return {
    file: found.file,
    appSlug: textAt(root, 'appSlug'),
    channelId: textAt(root, 'channelID'),
    versionLabel: textAt(root, 'versionLabel'),
    ...(domain === '' ? {} : { proxyRegistryDomain: domain }),
  }
}

const rootOf = (bytes: Uint8Array, file: string): YamlNode | undefined => {
  try {
    return parseYaml(bytes, file)[0]?.root
  } catch (error) {
    if (error instanceof PreflightError) return undefined
    throw error
  }
}

/** go-yaml v3 keeps a number where a text is wanted as it is written: `1.0` stays `1.0`. */
const textAt = (root: YamlNode, ...path: readonly string[]): string => {
  const node = at(root, ...path)
  return node?.kind === 'scalar' && node.value !== null ? redact(node.text) : ''
}
