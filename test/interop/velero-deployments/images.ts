import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { elf } from '../../support/elf-writer.ts'
import { type TarFile, tar } from '../../support/tar-writer.ts'
import { temporaryFolder } from '../processes.ts'

/** The real programs that the images are made of. */
export interface Programs {
  readonly velero: string
  readonly aws: string
  /** Built of `test/interop/acme-plugin`. */
  readonly acme: string
  readonly busybox: string
}

/** A layer, built once however many images have it: they are large. */
export interface Layer {
  readonly bytes: Uint8Array
  readonly diffId: string
  readonly digest: string
}

export interface Image {
  readonly layers: readonly Layer[]
  readonly entrypoint?: readonly string[]
  readonly user?: string
  /** Default linux/amd64. */
  readonly architecture?: string
  /** Put into an index, alone. */
  readonly indexed?: boolean
}

const digestOf = (bytes: Uint8Array | string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export const layer = (...files: readonly TarFile[]): Layer => {
  const bytes = tar(files)
  const digest = digestOf(bytes)
  return { bytes, diffId: digest, digest }
}

export const program = (name: string, data: Uint8Array | string, mode = 0o755): TarFile => ({ name, data, mode })

/** All images in one OCI layout, each under its tag; gives the folder. */
export const writeImages = (images: Readonly<Record<string, Image>>): string => {
  const folder = temporaryFolder('images')
  const written = new Set<string>()
  const put = (bytes: Uint8Array | string, digest = digestOf(bytes)) => {
    if (!written.has(digest)) writeFileSync(join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length)), bytes)
    written.add(digest)
    return { digest, size: Buffer.byteLength(bytes) }
  }
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true })
  const manifests = Object.entries(images).map(([tag, image]) => ({
    ...descriptor(image, put),
    annotations: { 'org.opencontainers.image.ref.name': tag },
  }))
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  return folder
}

const type = 'application/vnd.oci.image'

const descriptor = (
  { layers, entrypoint, user = '65532:65532', architecture = 'amd64', indexed }: Image,
  put: (bytes: Uint8Array | string, digest?: string) => { readonly digest: string; readonly size: number },
): object => {
  const config = JSON.stringify({
    os: 'linux',
    architecture,
    config: { User: user, ...(entrypoint && { Entrypoint: entrypoint }) },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...put(config) },
    layers: layers.map(({ bytes, digest }) => ({ mediaType: `${type}.layer.v1.tar`, ...put(bytes, digest) })),
  })
  const made = { mediaType: `${type}.manifest.v1+json`, ...put(manifest) }
  if (indexed !== true) return made
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${type}.index.v1+json`,
    manifests: [{ ...made, platform: { os: 'linux', architecture } }],
  })
  return { mediaType: `${type}.index.v1+json`, ...put(index) }
}

/** Every image of the table by its tag; `acme-NAME` is the plugin that does NAME wrong. */
export const imagesOf = ({ velero, aws, acme, busybox }: Programs): Readonly<Record<string, Image>> => {
  const tools = layer({ name: 'bin/' }, ...['cp', 'sh', 'sleep'].map(name => program(`bin/${name}`, readFileSync(busybox))))
  const etc = layer(
    { name: 'etc/' },
    program('etc/passwd', 'root:x:0:0:root:/:/bin/sh\n', 0o644),
    program('etc/group', 'root:x:0:\n', 0o644),
  )
  const acmeBytes = readFileSync(acme)
  const plugin = layer({ name: 'plugins/' }, program('plugins/acme', acmeBytes))
  const plugins = (...files: readonly TarFile[]) => layer({ name: 'plugins/' }, ...files)
  const copied = (name: string, from = 'acme') => ['cp', `/plugins/${from}`, `/target/${name}`]
  const acmes = ['good', 'other', 'panic', 'exits', 'prints', 'hangs', 'killed', 'hungry', 'strict', 'twin', 'nameless', 'aws', 'ancient']
  const one = (file: TarFile, more: Partial<Image> = {}): Image => ({
    layers: [tools, plugins(file)],
    entrypoint: ['cp', `/${file.name}`, '/target/'],
    ...more,
  })
  const machine = (architecture: 'amd64' | 'arm64', more: object = {}) => elf({ architecture, ...more })
  return {
    velero: {
      layers: [layer({ name: 'tmp/', mode: 0o1777 }, program('velero', readFileSync(velero)))],
      entrypoint: ['/velero'],
      user: '1002:1000',
    },
    aws: {
      layers: [tools, plugins(program('plugins/velero-plugin-for-aws', readFileSync(aws)))],
      entrypoint: ['cp', '/plugins/velero-plugin-for-aws', '/target/velero-plugin-for-aws'],
    },
    ...Object.fromEntries(acmes.map(name => [`acme-${name}`, { layers: [tools, plugin], entrypoint: copied(`acme-${name}`) }])),
    'other-platform': { layers: [tools, plugin], entrypoint: copied('acme-good'), architecture: 'arm64', indexed: true },
    'wrong-diff-id': { layers: [tools, { ...plugin, diffId: tools.diffId }], entrypoint: copied('acme-good') },
    'no-copier': { layers: [plugin], entrypoint: copied('acme-good') },
    'copier-of-arm64': {
      layers: [layer({ name: 'bin/' }, program('bin/cp', machine('arm64'))), plugin],
      entrypoint: copied('acme-good'),
    },
    'no-command': { layers: [tools, plugin] },
    'unknown-user': { layers: [tools, etc, plugin], entrypoint: copied('acme-good'), user: 'acme' },
    'named-user': { layers: [tools, etc, plugin], entrypoint: copied('acme-good'), user: 'root' },
    'nothing-in-plugins': { layers: [tools, plugins()], entrypoint: ['sh', '-c', 'cp /plugins/* /target/'] },
    unreadable: one(program('plugins/acme-good', acmeBytes, 0o700)),
    'exit-3': { layers: [tools, plugin], entrypoint: ['sh', '-c', 'echo "licence expired" >&2; exit 3'] },
    'never-ends': { layers: [tools, plugin], entrypoint: ['sleep', '10000'] },
    arm64: one(program('plugins/acme-arm64', machine('arm64'))),
    'not-executable': one(program('plugins/acme-good', acmeBytes, 0o644)),
    'for-root': one(program('plugins/acme-good', acmeBytes, 0o700), { user: '0:0' }),
    script: one(program('plugins/acme-script', '#!/usr/bin/python3\nprint("hello")\n')),
    musl: one(program('plugins/acme-musl', machine('amd64', { interpreter: '/lib/ld-musl-x86_64.so.1' }))),
    truncated: one(program('plugins/acme-truncated', acmeBytes.subarray(0, 3 << 20))),
    helper: one(program('plugins/acme-helper', readFileSync(busybox))),
    empty: one(program('plugins/acme-empty', '')),
    // another program under the name of acme-good
    collision: one(program('plugins/acme-good', machine('amd64'), 0o644)),
  }
}
