import { sha256 } from '../../src/digest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'

/** A document as a registry serves it. */
export interface Served {
  readonly mediaType: string
  readonly bytes: Buffer
  readonly digest: string
}

/** What JSON says of a blob or manifest. */
export const descriptorOf = ({ mediaType, bytes, digest }: Served, more: object = {}) => ({
  mediaType,
  digest,
  size: bytes.length,
  ...more,
})

export const document = (mediaType: string, value: unknown): Served => {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return { mediaType, bytes, digest: sha256(bytes) }
}

/** An image of this platform with one layer, without the layer's bytes. */
export const imageFor = (platform: string, more: { readonly manifest?: object; readonly config?: object } = {}) => {
  const [os, architecture, variant] = platform.split('/')
  const rootfs = { type: 'layers', diff_ids: [sha256(`layer of ${platform}`)] }
  const config = document(mediaTypes.ociConfig, { os, architecture, ...(variant && { variant }), rootfs, ...more.config })
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(`packed layer of ${platform}`), size: 3 << 20 }
  const manifest = document(mediaTypes.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(config),
    layers: [layer],
    ...more.manifest,
  })
  return { platform, config, manifest }
}

export const platformJson = (platform: string) => {
  const [os, architecture, variant] = platform.split('/')
  return { os, architecture, ...(variant && { variant }) }
}

export type TestImage = ReturnType<typeof imageFor>

/** An index of these images, each with its platform. */
export const indexOf = (...images: readonly TestImage[]): Served =>
  document(mediaTypes.ociIndex, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: images.map(({ platform, manifest }) => descriptorOf(manifest, { platform: platformJson(platform) })),
  })
