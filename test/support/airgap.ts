import { gzipSync } from 'node:zlib'
import type { Artifact } from './cosign.ts'
import type { LocalFileMap } from './local-images.ts'
import { layoutFiles, tarFiles } from './local-images.ts'
import type { PushedImage } from './registry.ts'
import { type TarFile, tar } from './tar-writer.ts'

/** A name as containerd keeps it. */
export const containerdName = (name: string) => ({ annotations: { 'io.containerd.image.name': name } })

/** An OCI layout of these images by their names, as a bundle has them. */
export const namedLayout = (...images: readonly (readonly [name: string, image: PushedImage | Artifact])[]): LocalFileMap =>
  layoutFiles(...images.map(([name, image]) => ({ image, more: containerdName(name) })))

export interface AirgapOptions {
  /** `embedded-cluster/images-amd64.tar`; undefined: none. */
  readonly images?: Uint8Array | undefined
  /** Documents of the release by file name; undefined: no app.tar.gz. */
  readonly release?: Readonly<Record<string, string>> | undefined
  readonly savedImages?: readonly string[]
  /** Of airgap.yaml, instead of what is usual; null: there is none. */
  readonly metadata?: string | null
  readonly charts?: boolean
  readonly more?: readonly TarFile[]
  /** Before all names, as `./`. */
  readonly prefix?: string
}

export const airgapYaml = (savedImages: readonly string[] = []): string =>
  `apiVersion: kots.io/v1beta1\nkind: Airgap\nspec: ${JSON.stringify({
    appSlug: 'my-app',
    channelID: 'c1',
    channelName: 'Stable',
    versionLabel: '1.0.0',
    format: 'docker',
    savedImages,
    embeddedClusterArtifacts: {
      imagesAmd64: 'embedded-cluster/images-amd64.tar',
      registry: { dir: 'embedded-cluster/registry', savedImages: [] },
    },
  })}\n`

export const releaseArchive = (files: Readonly<Record<string, string>>): Buffer =>
  gzipSync(tar(Object.entries(files).map(([name, data]) => ({ name, data }))))

/** The uncompressed bundle, in the order in which Replicated's builder writes it. */
export const airgapTar = (options: AirgapOptions): Buffer => {
  const { images, release = {}, savedImages, metadata = airgapYaml(savedImages), charts = true, more = [], prefix = '' } = options
  const file = (name: string, data: Uint8Array | string | null | undefined): readonly TarFile[] =>
    data === null || data === undefined ? [] : [{ name: `${prefix}${name}`, data }]
  return tar([
    ...file('airgap.yaml', metadata),
    ...file('app.tar.gz', 'release' in options && options.release === undefined ? undefined : releaseArchive(release)),
    ...more,
    ...file('embedded-cluster/images-amd64.tar', images),
    ...file('embedded-cluster/charts.tar.gz', charts ? gzipSync(tar([])) : undefined),
  ])
}

export const airgapBundle = (options: AirgapOptions): Buffer => gzipSync(airgapTar(options))

export const layoutTar = (...images: readonly (readonly [name: string, image: PushedImage | Artifact])[]): Buffer =>
  tarFiles(namedLayout(...images))
