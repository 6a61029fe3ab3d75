import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { type BuiltImage, buildImage } from '../support/image-builder.ts'
import type { TarFile } from '../support/tar-writer.ts'
import { debian, type RunOptions, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'
import { writeLayout } from './registries.ts'

const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`

/** Velero's server: its program, and a folder for what it puts aside. */
export const serverImage = (velero: Uint8Array): BuiltImage =>
  buildImage({
    platform,
    compression: 'none',
    entrypoint: ['/velero'],
    layers: [
      [
        { name: 'tmp/', mode: 0o1777 },
        { name: 'velero', mode: 0o755, data: velero },
      ],
    ],
  })

export interface PluginFile {
  readonly binary: Uint8Array
  readonly mode?: number
  readonly platform?: string
}

/** A plugin with its copier, as `examples/velero-postgresql/build` makes one, and what a case changes of it. */
export const pluginWith = (
  name: string,
  copier: Uint8Array,
  { binary, mode = 0o755, platform: other = platform }: PluginFile,
): BuiltImage =>
  buildImage({
    platform: other,
    compression: 'none',
    user: '65532:65532',
    entrypoint: ['/bin/cp-plugin', `/plugins/${name}`, `/target/${name}`],
    layers: [
      [
        { name: 'bin/', mode: 0o755 },
        { name: 'bin/cp-plugin', mode: 0o755, data: copier },
      ],
      [{ name: 'plugins/', mode: 0o755 } satisfies TarFile, { name: `plugins/${name}`, mode, data: binary }],
    ],
  })

export interface ExamplePlugin {
  /** The image, as an OCI layout. */
  readonly layout: string
  readonly copier: Buffer
  readonly binary: Buffer
}

/** Builds the example; of all its platforms with INTEROP=full, else of this machine's, whose packages other peers have compiled. */
export const buildExample = async (test: Context): Promise<ExamplePlugin> => {
  debian(test, 'go')
  test.timeout(30 * 60_000)
  const folder = temporaryFolder('example')
  const layout = join(folder, 'layout')
  const options: RunOptions = {
    timeoutMs: 29 * 60_000,
    ...(process.env.INTEROP === 'full' ? {} : { env: { PLATFORMS: platform } }),
  }
  await succeed('examples/velero-postgresql/build', [layout, 'v1.0.0'], options)
  const blob = (digest: string) => join(layout, 'blobs', 'sha256', digest.replace('sha256:', ''))
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  const [whole] = (read(join(layout, 'index.json')) as { manifests: { digest: string }[] }).manifests
  const index = read(blob(whole!.digest)) as { manifests: { digest: string; platform: { architecture: string } }[] }
  const own = index.manifests.find(one => platform.endsWith(`/${one.platform.architecture}`))!
  const { layers } = read(blob(own.digest)) as { layers: { digest: string }[] }
  for (const { digest } of layers) await succeed('tar', ['-xzf', blob(digest), '-C', folder])
  return { layout, copier: readFileSync(join(folder, 'bin/cp-plugin')), binary: readFileSync(join(folder, 'plugins/velero-postgresql')) }
}

/** crane, with a login. */
export const pusher =
  (crane: string, dockerConfig: string) =>
  async (image: BuiltImage | string, reference: string): Promise<string> => {
    const layout = typeof image === 'string' ? image : writeLayout(image, 'v1')
    const pushed = await succeed(crane, ['push', layout, reference], { env: { DOCKER_CONFIG: dockerConfig } })
    return pushed.trim()
  }
