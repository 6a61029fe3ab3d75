import type { Digest } from '../digest.ts'

/** OCI image-spec 1.1 descriptor.md, with a digest and a size that were checked for form. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly sizeBytes: number
  readonly platform?: DescriptorPlatform
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** image-spec 1.1 image-index.md, `platform`. */
export interface DescriptorPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: readonly string[]
}
