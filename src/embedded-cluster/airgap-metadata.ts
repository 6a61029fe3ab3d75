import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { at, parseYaml, textOf, type YamlNode } from '../yaml-source.ts'

/** What airgap.yaml says (kotskinds v1beta1 airgap_types.go). */
export interface AirgapMetadata {
  readonly appSlug: string
  readonly channelId: string
  readonly channelName: string
  readonly versionLabel: string
  /** How `images/` is laid out: `docker` is a registry's folder, everything else an archive for each image. */
  readonly format: string
  /** Images that the app needs: they go to the registry in the cluster. */
  readonly savedImages: readonly string[]
  /** Folder of the images of that registry which Embedded Cluster itself needs, and which they are. */
  readonly registryDir: string
  readonly registryImages: readonly string[]
}

/** No application has so many. */
const maxImages = 5000

/** @throws PreflightError LOCAL_INVALID */
export const parseAirgapMetadata = (bytes: Uint8Array, file: string): AirgapMetadata => {
  const root = rootOf(bytes, file)
  const spec = at(root, 'spec')
  const text = (...path: readonly string[]) => textOf(at(spec, ...path)) ?? ''
  return {
    appSlug: text('appSlug'),
    channelId: text('channelID'),
    channelName: text('channelName'),
    versionLabel: text('versionLabel'),
    format: text('format'),
    savedImages: textsOf(at(spec, 'savedImages')),
    registryDir: text('embeddedClusterArtifacts', 'registry', 'dir'),
    registryImages: textsOf(at(spec, 'embeddedClusterArtifacts', 'registry', 'savedImages')),
  }
}

const rootOf = (bytes: Uint8Array, file: string): YamlNode => {
  try {
    const found = parseYaml(bytes, file).find(({ root }) => textOf(at(root, 'kind')) === 'Airgap')
    if (found?.root !== undefined) return found.root
  } catch (cause) {
    const why = cause instanceof PreflightError ? cause.message.split('\n')[0]! : String(cause)
    throw new PreflightError('LOCAL_INVALID', `${file} is no YAML: ${printable(why, 300)}`, { cause })
  }
  throw new PreflightError('LOCAL_INVALID', `${file} holds no document of kind Airgap.`)
}

const textsOf = (list: YamlNode | undefined): readonly string[] =>
  list?.kind === 'list' ? list.items.slice(0, maxImages).flatMap(item => textOf(item) ?? []) : []
