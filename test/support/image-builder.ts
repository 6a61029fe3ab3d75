import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type Digest, sha256 } from '../../src/digest.ts'
import { type ElfOptions, elf } from './elf-writer.ts'
import { type TarFile, tar } from './tar-writer.ts'

/** An image or index as a registry is given it. */
export interface BuiltImage {
  /** Layers, configs, and for an index the manifests that it lists. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>
  readonly manifest: { readonly digest: Digest; readonly mediaType: string; readonly bytes: Uint8Array }
  /** Of an image: `linux/amd64`. */
  readonly platform: string
}

export type Compression = 'gzip' | 'zstd' | 'none'

export interface ImageOptions {
  /** Default linux/amd64. */
  readonly platform?: string
  /** Bottom first. Bytes are a layer as it is, with its media type's compression said by the caller. */
  readonly layers: readonly (readonly TarFile[])[]
  readonly compression?: Compression
  readonly entrypoint?: readonly string[]
  readonly cmd?: readonly string[]
  readonly user?: string
  readonly env?: readonly string[]
  readonly workingDir?: string
  /** Docker's media types instead of OCI's. */
  readonly docker?: boolean
  /** Of all layers, instead of what fits the compression. */
  readonly layerType?: string
  /** Last change to the config and to the manifest, before they are written. */
  readonly config?: object
  readonly manifest?: object
  /** Instead of the layers' own bytes, as they are served; the diff_ids stay. */
  readonly served?: (layer: Uint8Array, index: number) => Uint8Array
}

const indexType = 'application/vnd.oci.image.index.v1+json'
const oci = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: {
    gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
    zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
    none: 'application/vnd.oci.image.layer.v1.tar',
  },
} as const
const dockers = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: {
    gzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
    zstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
    none: 'application/vnd.docker.image.rootfs.diff.tar',
  },
} as const

const compress = (bytes: Uint8Array, compression: Compression): Uint8Array =>
  compression === 'gzip' ? gzip(bytes) : compression === 'zstd' ? zstdCompressSync(bytes) : bytes

/** The system that made it stands in gzip's header: 255 is unknown, so that the digest is the same everywhere. */
const gzip = (bytes: Uint8Array): Uint8Array => {
  const made = gzipSync(bytes)
  made[9] = 0xff
  return made
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

/** An image, every byte of it made from its options. */
export const buildImage = (options: ImageOptions): BuiltImage => {
  const {
    platform = 'linux/amd64',
    layers,
    compression = 'gzip',
    entrypoint,
    cmd,
    user,
    env,
    workingDir,
    served = bytes => bytes,
  } = options
  const types = options.docker === true ? dockers : oci
  const [os, architecture, variant] = platform.split('/')
  const archives = layers.map(tar)
  const blobs = archives.map((archive, index) => served(compress(archive, compression), index))
  const config = json({
    created: '1970-01-01T00:00:00Z',
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    config: {
      ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      ...(cmd === undefined ? {} : { Cmd: cmd }),
      ...(user === undefined ? {} : { User: user }),
      ...(env === undefined ? {} : { Env: env }),
      ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    },
    rootfs: { type: 'layers', diff_ids: archives.map(sha256) },
    ...options.config,
  })
  const bytes = json({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: blobs.map(blob => ({
      mediaType: options.layerType ?? types.layer[compression],
      digest: sha256(blob),
      size: blob.length,
    })),
    ...options.manifest,
  })
  return {
    blobs: new Map([config, ...blobs].map(blob => [sha256(blob), blob])),
    manifest: { digest: sha256(bytes), mediaType: types.manifest, bytes },
    platform,
  }
}

/** An index of images, in their order. */
export const buildIndex = (images: readonly BuiltImage[]): BuiltImage => {
  const manifests = images.map(({ manifest, platform }) => {
    const [os, architecture, variant] = platform.split('/')
    return {
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.bytes.length,
      platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    }
  })
  const bytes = json({ schemaVersion: 2, mediaType: indexType, manifests })
  const blobs = new Map(images.flatMap(image => [...image.blobs, [image.manifest.digest, image.manifest.bytes] as const]))
  return {
    blobs,
    manifest: { digest: sha256(bytes), mediaType: indexType, bytes },
    platform: images.map(({ platform }) => platform).join(','),
  }
}

export interface PluginOptions
  extends Pick<ImageOptions, 'platform' | 'compression' | 'entrypoint' | 'cmd' | 'user' | 'env' | 'docker' | 'served'> {
  /** File name under /plugins, and the module's last part. */
  readonly name: string
  /** Of the module. */
  readonly version?: string
  /** Path of the module, default `example.com/acme/` and the name. */
  readonly module?: string
  /** Of the binary, where it is not that of the image. */
  readonly architecture?: 'amd64' | 'arm64'
  /** Of the program that copies, where it is not that of the image. */
  readonly copierArchitecture?: 'amd64' | 'arm64'
  /** Of the Velero framework; default v1.18.2. */
  readonly framework?: string
  readonly mode?: number
  /** More of the binary: a loader, strings, a size. */
  readonly elf?: Pick<ElfOptions, 'interpreter' | 'strings' | 'sizeBytes' | 'goVersion'>
  /** Instead of a plugin's binary. */
  readonly binary?: Uint8Array | string
  /** Further files in the layer of the plugin. */
  readonly files?: readonly TarFile[]
}

const sum = (name: string) => `h1:${Buffer.from(sha256(name).slice(7), 'hex').toString('base64')}`

/** A Velero plugin's binary: what Go writes of its module, of the framework and of go-plugin. */
export const pluginBinary = (options: PluginOptions, architecture: 'amd64' | 'arm64'): Buffer => {
  const { name, version = 'v1.0.0', framework = 'v1.18.2', module = `example.com/acme/${name}` } = options
  const line = (...parts: string[]) => `${parts.join('\t')}\n`
  const dependency = (path: string, its: string) => line('dep', path, its, sum(path + its))
  return elf({
    goVersion: 'go1.25.8',
    ...options.elf,
    architecture,
    modules: [
      line('path', module),
      line('mod', module, version, sum(module)),
      dependency('github.com/hashicorp/go-plugin', 'v1.7.0'),
      dependency('github.com/vmware-tanzu/velero', framework),
      line('build', `CGO_ENABLED=${options.elf?.interpreter === undefined ? 0 : 1}`),
      line('build', `GOARCH=${architecture}`),
      line('build', 'GOOS=linux'),
    ].join(''),
    strings: ['This binary is a plugin. These are not meant to be executed directly.', 'VELERO_PLUGIN', ...(options.elf?.strings ?? [])],
  })
}

/** An image as velero-plugin-example's Dockerfile makes it: from scratch, a static copying program, one plugin, a numeric user. */
export const pluginImage = (options: PluginOptions): BuiltImage => {
  const { name, platform = 'linux/amd64', mode = 0o755, files = [] } = options
  const architecture = platform.includes('arm64') ? 'arm64' : 'amd64'
  const data = options.binary ?? pluginBinary(options, options.architecture ?? architecture)
  return buildImage({
    entrypoint: ['cp-plugin', `/plugins/${name}`, `/target/${name}`],
    user: '65532:65532',
    ...options,
    layers: [
      [{ name: 'bin/' }, { name: 'bin/cp-plugin', mode: 0o755, data: elf({ architecture: options.copierArchitecture ?? architecture }) }],
      [{ name: 'plugins/' }, { name: `plugins/${name}`, mode, data }, ...files],
    ],
  })
}
