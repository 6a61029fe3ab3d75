import { PreflightError } from '../../errors.ts'
import { type ArchivedImage, parseArchiveManifest } from '../../oci/docker-archive.ts'
import { parseGoJson } from '../../oci/go-json.ts'
import { isObject, textField } from '../../oci/go-struct.ts'
import { type ImportedName, namesInDockerArchive, namesInIndex } from '../../oci/imported-names.ts'
import { type ImageIndex, parseManifest } from '../../oci/manifest.ts'
import { mediaTypes } from '../../oci/media-types.ts'
import { printable } from '../../redact.ts'
import type { IndexedImages } from './index-images.ts'
import type { Stored } from './stored.ts'

/** What containerd makes of an archive. */
export type ImportedArchive =
  | { readonly fault: string; readonly names: readonly [] }
  | { readonly format: 'oci'; readonly names: readonly ImportedName[]; readonly index: ImageIndex; readonly fault?: undefined }
  | {
      readonly format: 'docker'
      readonly names: readonly ImportedName[]
      readonly images: readonly ArchivedImage[]
      readonly fault?: undefined
    }

/** As containerd 2.4 core/images/archive/importer.go ImportIndex: a layout where there is one, else a docker archive, else nothing. */
export const importArchive = (indexed: IndexedImages): ImportedArchive => {
  if (indexed.fault !== undefined) return { fault: indexed.fault, names: [] }
  // A second one is decoded over the first, field by field.
  const doubled = ['oci-layout', 'manifest.json'].find(name => indexed.twice.has(name))
  if (doubled !== undefined) return { fault: `${doubled} is in it twice`, names: [] }
  try {
    const version = layoutVersion(indexed)
    return version === '' ? ofDocker(indexed) : ofLayout(indexed, version)
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return { fault: printable(error.message.replace(/\.$/, ''), 400), names: [] }
  }
}

const layoutVersion = (indexed: IndexedImages): string => {
  if (!indexed.files.has('oci-layout')) return ''
  try {
    const document = parseGoJson(bytesOf(indexed, 'oci-layout'))
    return isObject(document) ? textField(document, 'imageLayoutVersion') : refuse('its oci-layout is no JSON object')
  } catch (cause) {
    if (cause instanceof PreflightError) throw cause
    return refuse('its oci-layout is not the JSON that it should be', cause)
  }
}

const ofLayout = (indexed: IndexedImages, version: string): ImportedArchive => {
  if (version !== '1.0.0') refuse(`its oci-layout says version "${printable(version, 40)}", and containerd takes 1.0.0 alone`)
  if (!indexed.files.has('index.json')) refuse('it is an OCI layout without index.json')
  const index = parseManifest(bytesOf(indexed, 'index.json'), mediaTypes.ociIndex)
  if (index.kind !== 'index') return refuse('its index.json is no index')
  return { format: 'oci', names: namesInIndex(index), index }
}

const ofDocker = (indexed: IndexedImages): ImportedArchive => {
  if (!indexed.files.has('manifest.json')) refuse('it has neither oci-layout nor manifest.json, so that it is no archive of images')
  const images = parseArchiveManifest(bytesOf(indexed, 'manifest.json'), 'it')
  const dangling = [...indexed.links].find(([, target]) => !indexed.files.has(target))
  if (dangling !== undefined) refuse(`its link ${printable(dangling[0], 100)} leads to no file`)
  for (const { config, layers } of images) {
    const lost = [config, ...layers].find(name => fileOf(indexed, name) === undefined)
    if (lost !== undefined) refuse(`its manifest.json names ${printable(lost, 120)}, which it does not have`)
  }
  return { format: 'docker', names: namesInDockerArchive(images), images }
}

/** A file of a docker archive, or what a symbolic link of this name leads to. */
export const fileOf = ({ files, links }: IndexedImages, name: string): Stored | undefined => {
  const target = links.get(name)
  return (target === undefined ? undefined : files.get(target)) ?? files.get(name)
}

const bytesOf = ({ files }: IndexedImages, name: string): Buffer => {
  const bytes = files.get(name)?.bytes
  return bytes ?? refuse(`its ${name} is no JSON, or larger than 4 MiB`)
}

const refuse = (why: string, cause?: unknown): never => {
  throw new PreflightError('LOCAL_INVALID', why, { cause })
}
