import { type Digest, isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { type DescriptorPlatform, readPlatform } from './descriptor.ts'
import { type JsonObject, parseGoJson } from './go-json.ts'
import { asObject, field, isObject, listField, objectField, textField, textListField } from './go-struct.ts'
import { type ImageManifest, unpackedLayers } from './manifest.ts'

/** OCI image-spec 1.1 config.md: what of it a node uses to run the image. Lists are empty where the config has none. */
export interface ImageConfig {
  readonly platform: DescriptorPlatform
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly env: readonly string[]
  /** `user[:group]`, names or numbers; empty: root. */
  readonly user: string
  readonly workingDir: string
  /** Digests of the uncompressed layers, bottom first. */
  readonly diffIds: readonly Digest[]
  readonly history: readonly HistoryEntry[]
}

export interface HistoryEntry {
  readonly createdBy: string
  readonly comment: string
  /** It made no layer. */
  readonly emptyLayer: boolean
}

/** Far above real ones (a few KiB). */
export const maxConfigBytes = 8 << 20

/** @throws PreflightError IMAGE_CONFIG_INVALID */
export const parseImageConfig = (bytes: Uint8Array): ImageConfig => {
  try {
    const document = parseGoJson(bytes)
    if (!isObject(document)) throw invalid('it is not a JSON object')
    return readConfig(document)
  } catch (error) {
    if (error instanceof PreflightError) throw error
    throw invalid(error instanceof Error ? error.message : String(error), error)
  }
}

/** Each layer that containerd unpacks needs its diff_id (core/unpack/unpacker.go). @throws PreflightError IMAGE_CONFIG_INVALID */
export const requireDiffIds = (config: ImageConfig, manifest: ImageManifest): void => {
  const layers = unpackedLayers(manifest).length
  if (layers !== config.diffIds.length) {
    throw invalid(`it lists ${config.diffIds.length} diff_ids, but the manifest has ${layers} layers`)
  }
}

const readConfig = (document: JsonObject): ImageConfig => {
  const config = objectField(document, 'config') ?? { members: [] }
  const rootfs = objectField(document, 'rootfs') ?? { members: [] }
  const diffIds = textListField(rootfs, 'diff_ids')
  const wrong = diffIds.find(id => !isDigest(id))
  if (wrong !== undefined) throw invalid(`"${printable(wrong)}" in rootfs.diff_ids is not a digest`)
  return {
    platform: readPlatform(document),
    entrypoint: textListField(config, 'Entrypoint'),
    cmd: textListField(config, 'Cmd'),
    env: textListField(config, 'Env'),
    user: textField(config, 'User'),
    workingDir: textField(config, 'WorkingDir'),
    diffIds,
    history: listField(document, 'history', (item, name) => readHistory(asObject(item, name))),
  }
}

const readHistory = (entry: JsonObject): HistoryEntry => ({
  createdBy: textField(entry, 'created_by'),
  comment: textField(entry, 'comment'),
  emptyLayer: field(entry, 'empty_layer') === true,
})

const invalid = (what: string, cause?: unknown): PreflightError =>
  new PreflightError('IMAGE_CONFIG_INVALID', `The image's config is not valid: ${what}.`, {
    hint: 'Build and push the image again.',
    cause,
  })
