import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../src/version.ts'
import { type BuiltImage, buildImage, buildIndex } from '../test/support/image-builder.ts'
import type { TarFile } from '../test/support/tar-writer.ts'
import { binaryName, commitHere, releaseFolder } from './binary.ts'
import { debianRuntime, type RuntimeFile } from './debian.ts'
import { type Target, targets } from './nodes.ts'
import { withDebian } from './sbom.ts'

/** Nobody's: of no user that a node has. */
const user = 65532

/** Folders of a path before it, so that their modes are ours. */
const withFolders = (files: readonly TarFile[]): readonly TarFile[] => {
  const folders = new Set(
    files.flatMap(({ name }) =>
      name
        .split('/')
        .slice(0, -1)
        .map((_, index, parts) => `${parts.slice(0, index + 1).join('/')}/`),
    ),
  )
  return [...[...folders].toSorted().map(name => ({ name, mode: 0o755 })), ...files]
}

const entry = ({ path, bytes, mode }: RuntimeFile): TarFile => ({ name: path, data: bytes, mode })

/** The binary with the few libraries that it needs, and nothing else: no shell, no root. */
const imageOf = async (target: Target, { commit, date }: { readonly commit: string; readonly date: string }): Promise<BuiltImage> => {
  const binary = join(releaseFolder, binaryName(target))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: npm run build:binary makes it`)
  const { files, packages } = await debianRuntime(target)
  const text = (path: string, content: string): RuntimeFile => ({ path, bytes: Buffer.from(content), mode: 0o644 })
  const base = [
    ...files,
    text('etc/passwd', `root:x:0:0:root:/:/nonexistent\nnonroot:x:${user}:${user}:nonroot:/tmp:/nonexistent\n`),
    text('etc/group', `root:x:0:\nnonroot:x:${user}:\n`),
  ]
  const program: RuntimeFile[] = [
    { path: 'usr/bin/velero-plugin-preflight', bytes: readFileSync(binary), mode: 0o755 },
    text('usr/share/doc/velero-plugin-preflight/sbom.cdx.json', withDebian(readFileSync(`${binary}.cdx.json`, 'utf8'), packages)),
    { path: 'usr/share/doc/velero-plugin-preflight/licences.txt', bytes: readFileSync(`${binary}.licences.txt`), mode: 0o644 },
  ]
  return buildImage({
    platform: `linux/${target.architecture}`,
    // What changes rarely comes first.
    layers: [[{ name: 'tmp/', mode: 0o1777 }, ...withFolders(base.map(entry))], withFolders(program.map(entry))],
    entrypoint: ['/usr/bin/velero-plugin-preflight'],
    user: `${user}:${user}`,
    env: ['PATH=/usr/bin', 'HOME=/tmp'],
    workingDir: '/tmp',
    config: { created: date },
    manifest: {
      annotations: {
        'org.opencontainers.image.title': 'velero-plugin-preflight',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.revision': commit,
        'org.opencontainers.image.created': date,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    },
  })
}

/** `npm run build:image`: an OCI layout (image-spec 1.1, image-layout.md) of one index with an image for each platform. */
const build = async (): Promise<void> => {
  const about = await commitHere()
  const images: BuiltImage[] = []
  for (const target of targets) images.push(await imageOf(target, about))
  const { blobs, manifest } = buildIndex(images)
  const folder = join(releaseFolder, 'image')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true })
  for (const [digest, bytes] of [...blobs, [manifest.digest, manifest.bytes] as const])
    writeFileSync(join(folder, 'blobs', digest.replace(':', '/')), bytes)
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  const { digest, mediaType, bytes } = manifest
  const descriptor = { mediaType, digest, size: bytes.length, annotations: { 'org.opencontainers.image.ref.name': version } }
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }))
  process.stderr.write(`${folder}: ${digest}\n`)
}

await build()
