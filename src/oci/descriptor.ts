import { type Digest, isDigest } from '../digest.ts'
import { printable } from '../redact.ts'
import type { JsonObject } from './go-json.ts'
import { integerField, objectField, textField, textListField, textMapField } from './go-struct.ts'

/** OCI image-spec 1.1 descriptor.md, with a digest and a size that were checked for form. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly sizeBytes: number
  readonly platform?: DescriptorPlatform
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** image-spec 1.1 image-index.md, `platform`; a field that is missing is empty, as Go reads it. */
export interface DescriptorPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: readonly string[]
}

/** A descriptor that no client could fetch; an index may hold one and still serve its other children. */
export interface MalformedDescriptor {
  readonly mediaType: string
  readonly platform?: DescriptorPlatform
  /** What is wrong, as the end of a sentence. */
  readonly fault: string
}

export const isMalformed = (descriptor: Descriptor | MalformedDescriptor): descriptor is MalformedDescriptor => 'fault' in descriptor

/** @throws JsonError when a field is of another type than Go's struct has */
export const readDescriptor = (object: JsonObject): Descriptor | MalformedDescriptor => {
  const digest = textField(object, 'digest')
  const sizeBytes = integerField(object, 'size')
  const platform = objectField(object, 'platform')
  const artifactType = textField(object, 'artifactType')
  const annotations = textMapField(object, 'annotations')
  const shared = { mediaType: textField(object, 'mediaType'), ...(platform && { platform: readPlatform(platform) }) }
  if (!isDigest(digest)) return { ...shared, fault: digest === '' ? 'it has no digest' : `"${printable(digest, 150)}" is not a digest` }
  if (sizeBytes < 0) return { ...shared, fault: `its size is ${sizeBytes}` }
  return { ...shared, digest, sizeBytes, ...(artifactType === '' ? {} : { artifactType }), ...(annotations && { annotations }) }
}

export const readPlatform = (object: JsonObject): DescriptorPlatform => {
  const variant = textField(object, 'variant')
  const osVersion = textField(object, 'os.version')
  const osFeatures = textListField(object, 'os.features')
  return {
    os: textField(object, 'os'),
    architecture: textField(object, 'architecture'),
    ...(variant === '' ? {} : { variant }),
    ...(osVersion === '' ? {} : { osVersion }),
    ...(osFeatures.length === 0 ? {} : { osFeatures }),
  }
}
