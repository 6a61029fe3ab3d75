import { type Digest, sha256 } from '../../src/digest.ts'
import type { Subject } from './cosign.ts'
import type { PushedImage } from './registry.ts'
import { indexType, manifestType } from './registry-client.ts'

/** An image as small as can be, told apart by `name`; as signatures see it, its manifest is all there is. */
export const tinyImage = (name: string, platform = 'linux/amd64'): Subject & { readonly pushed: PushedImage } => {
  const [os, architecture] = platform.split('/')
  const config = Buffer.from(JSON.stringify({ os, architecture, author: name, rootfs: { type: 'layers', diff_ids: [] } }))
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
      layers: [],
    }),
  )
  const manifest = { digest: sha256(bytes), mediaType: manifestType, bytes }
  return { ...manifest, pushed: { blobs: new Map([[sha256(config), config]]), manifest } }
}

/** An index of tiny images, one for each platform. */
export const tinyIndex = (name: string, platforms: readonly string[] = ['linux/amd64', 'linux/arm64']) => {
  const children = platforms.map(platform => ({ platform, image: tinyImage(`${name} ${platform}`, platform) }))
  const manifests = children.map(({ platform, image }) => {
    const [os, architecture] = platform.split('/')
    return { mediaType: manifestType, digest: image.digest, size: image.bytes.length, platform: { os, architecture } }
  })
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
  const blobs = new Map<Digest, Uint8Array>()
  for (const { image } of children) {
    for (const [digest, blob] of image.pushed.blobs) blobs.set(digest, blob)
    blobs.set(image.digest, image.bytes)
  }
  const manifest = { digest: sha256(bytes), mediaType: indexType, bytes }
  const child = (platform: string) => children.find(one => one.platform === platform)!.image
  return { ...manifest, pushed: { blobs, manifest } satisfies PushedImage, child }
}
