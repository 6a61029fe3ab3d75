import type { Digest } from '../digest.ts'
import type { Descriptor } from './descriptor.ts'
import type { ArchivedImage } from './docker-archive.ts'
import type { ImageIndex } from './manifest.ts'
import { nameOf, parseReference } from './reference.ts'

/** A name that an archive of images gives to one of them when containerd imports it. */
export interface ImportedName {
  /** As containerd keeps it. */
  readonly name: string
  /** Of the image in the archive's own list, from 0. */
  readonly number: number
  /** What it points at; absent in a docker archive, which has no manifests. */
  readonly entry?: Descriptor
}

/** containerd 2.4 core/images/annotations.go; image-spec 1.1 annotations.md. */
const containerdName = 'io.containerd.image.name'
const layoutName = 'org.opencontainers.image.ref.name'

/**
 * The name under which a node looks for an image that it has: what distribution/reference 0.6 `ParseDockerRef` makes of it
 * (containerd 2.4 internal/cri/server/images/service.go LocalResolve). Of tag and digest the digest counts.
 *
 * @throws PreflightError REFERENCE_INVALID
 */
export const nodeName = (image: string): string => {
  const { digest, tag, ...name } = parseReference(image)
  return `${nameOf(name)}${digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`}`
}

/** The digest in such a name. */
export const pinnedDigest = (name: string): Digest | undefined => (name.includes('@') ? name.slice(name.indexOf('@') + 1) : undefined)

/** Of a layout: as they stand there, whether a node can look for them or not (containerd 2.4 client/import.go imageName). */
export const namesInIndex = ({ manifests }: ImageIndex): readonly ImportedName[] =>
  manifests.flatMap((entry, number) => {
    const name = entry.annotations?.[containerdName] || entry.annotations?.[layoutName]
    return name ? [{ name, number, entry }] : []
  })

/** Of a docker archive: completed as a node does it. @throws PreflightError REFERENCE_INVALID, of which the whole import dies */
export const namesInDockerArchive = (images: readonly ArchivedImage[]): readonly ImportedName[] =>
  images.flatMap(({ repoTags }, number) => repoTags.map(tag => ({ name: nodeName(tag), number })))

/** Whether somebody who wrote `name` meant the image that a node looks for as `wanted`. */
export const means = (name: string, wanted: string): boolean => {
  try {
    return nodeName(name) === wanted
  } catch {
    return false
  }
}
