/** Media types as containerd 2.4 tells them apart (core/images/mediatypes.go). */

export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const

export const isIndexType = (type: string): boolean => type === mediaTypes.ociIndex || type === mediaTypes.dockerIndex
export const isManifestType = (type: string): boolean => type === mediaTypes.ociManifest || type === mediaTypes.dockerManifest
export const isConfigType = (type: string): boolean => type === mediaTypes.ociConfig || type === mediaTypes.dockerConfig

/** Schema 1 (gone since containerd 2.0); `text/plain` is taken for it (core/remotes/docker/resolver.go `getManifestMediaType`). */
export const isSchema1Type = (type: string): boolean =>
  type === 'text/plain' || /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(type)

const otherLayers = new Set([
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  'application/vnd.erofs.layer.v1',
])

/** What containerd unpacks; a blob of another type in `layers` is fetched and left alone. */
export const isLayerType = (type: string): boolean =>
  type.startsWith('application/vnd.oci.image.layer.') || otherLayers.has(type.split('+', 1)[0]!)
