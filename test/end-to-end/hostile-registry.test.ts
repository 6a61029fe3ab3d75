import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { configText, type JsonReport, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { elf } from '../support/elf-writer.ts'
import { type BuiltImage, buildImage, type ImageOptions, pluginBinary, pluginImage } from '../support/image-builder.ts'
import type { Fault } from '../support/registry.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { type TarFile, tar, tarHeader } from '../support/tar-writer.ts'

const good = pluginImage({ name: 'good' })
const goodVerdicts = [
  'config good: pass PLUGIN_OK',
  'image good: pass IMAGE_RESOLVED',
  'pullSecret good: pass PULL_SECRET_NOT_NEEDED',
  'binaries good: pass BINARIES_OK',
]

/** A plugin image whose plugin layer is served as `served` makes it. */
const withLayer = (options: Pick<ImageOptions, 'served'> & Partial<ImageOptions>): BuiltImage =>
  buildImage({
    entrypoint: ['cp-plugin', '/plugins/bad', '/target/bad'],
    layers: [[{ name: 'plugins/bad', mode: 0o755, data: 'x'.repeat(100_000) }]],
    ...options,
  })

/** 10 GB of zeros in 10 MB: a file's header, and a hundred times the same gzip member of 100 MB. */
const bomb = (): Buffer => {
  const header = gzipSync(
    tarHeader({ name: 'plugins/zeros', sizeBytes: 10_000_000_000, raw: block => block.write('112402762000\0', 124) }, 0),
  )
  const zeros = gzipSync(Buffer.alloc(100_000_000))
  return Buffer.concat([header, ...Array.from({ length: 100 }, () => zeros)])
}

describe('what a registry, image or secret does wrong', () => {
  let folder: Scratch
  let registry: TestRegistry
  before(async () => {
    registry = await startRegistry({ range: false })
    registry.push('good', 'v1', good)
  })
  beforeEach(() => {
    folder = scratch()
    registry.clearFaults()
  })
  afterEach(() => folder.remove())
  after(() => registry.close())

  const run = async (...extra: readonly string[]): Promise<JsonReport> => {
    const config = folder.file(
      'config.yaml',
      configText({ name: 'good', image: `${registry.host}/good:v1` }, { name: 'bad', image: `${registry.host}/bad:v1` }),
    )
    const ran = await report(['run', '--config', config, '--request-timeout', '1s', ...extra], { cwd: folder.path })
    expect(ran.code, ran.err + ran.out).to.equal(3)
    expect(ran.err).to.not.match(/\n\s+at /)
    return ran.json
  }

  const expectOnlyBadFails = (json: JsonReport, code: string) => {
    const said = verdicts(json)
    expect(said).to.include.members(goodVerdicts)
    expect(json.fail.filter(({ plugin }) => plugin !== 'bad')).to.deep.equal([])
    expect(json.fail.map(result => result.code)).to.include(code)
    for (const { message } of json.fail) expect(message).to.match(/^bad: /)
  }

  const faults: readonly (readonly [string, string | RegExp, Fault, string])[] = [
    ['sends HTML', '/v2/bad/manifests', { kind: 'html' }, 'IMAGE_NOT_A_REGISTRY'],
    ['cuts the manifest short', '/v2/bad/manifests', { kind: 'cut', afterBytes: 20 }, 'IMAGE_TRUNCATED'],
    ['cuts a layer short', '/v2/bad/blobs', { kind: 'cut', afterBytes: 100 }, 'IMAGE_TRUNCATED'],
    ['sends a layer of another digest', '/v2/bad/blobs', { kind: 'corrupt' }, 'IMAGE_DIGEST_MISMATCH'],
    ['never answers', '/v2/bad/', { kind: 'hang' }, 'IMAGE_TIMEOUT'],
    ['redirects for ever', '/v2/bad/', { kind: 'redirect' }, 'IMAGE_REDIRECT'],
    ['answers 401 without a challenge', '/v2/bad/', { kind: 'unauthorized' }, 'IMAGE_NOT_A_REGISTRY'],
    [
      'sends a realm on another host',
      '/v2/bad/',
      { kind: 'unauthorized', challenges: ['Bearer realm="http://127.0.0.1:9/token",service="x"'] },
      'IMAGE_UNREACHABLE',
    ],
  ]
  for (const [what, match, fault, code] of faults) {
    it(`a registry that ${what} fails its plugin alone`, async () => {
      registry.push('bad', 'v1', pluginImage({ name: 'bad' }))
      registry.fault(match, fault)
      expectOnlyBadFails(await run(), code)
    })
  }

  it('a digest that the manifest does not have fails its plugin alone', async () => {
    const wrong = sha256('something else')
    registry.putManifest('bad', wrong, good.manifest.mediaType, good.manifest.bytes)
    const config = folder.file(
      'config.yaml',
      configText({ name: 'good', image: `${registry.host}/good:v1` }, { name: 'bad', image: `${registry.host}/bad@${wrong}` }),
    )
    const { json, code } = await report(['run', '--config', config, '--no-bundle'])
    expect(code).to.equal(3)
    expectOnlyBadFails(json, 'IMAGE_DIGEST_MISMATCH')
  })

  const layers: readonly (readonly [string, () => BuiltImage, string])[] = [
    [
      'is not gzip',
      () => withLayer({ served: () => Buffer.from('this is no gzip file, and no tar archive either'.repeat(20)) }),
      'LAYER_CORRUPT',
    ],
    ['is truncated', () => withLayer({ served: layer => layer.subarray(0, layer.length - 20) }), 'LAYER_CORRUPT'],
    ['has the wrong diff_id', () => withLayer({ served: () => gzipSync(tar([{ name: 'plugins/other', data: 'x' }])) }), 'LAYER_DIFF_ID'],
    ['holds 10 GB of zeros in 10 MB', () => withLayer({ served: bomb }), 'LAYER_TOO_LARGE'],
  ]
  for (const [what, image, code] of layers) {
    it(`a layer that ${what} fails its plugin alone`, async () => {
      registry.push('bad', 'v1', image())
      expectOnlyBadFails(await run(), code)
    })
  }

  it('a manifest with both manifests and layers fails its plugin alone', async () => {
    registry.push('bad', 'v1', withLayer({ manifest: { manifests: [] } }))
    expectOnlyBadFails(await run(), 'IMAGE_MANIFEST_INVALID')
  })

  const strange: readonly (readonly [string, readonly TarFile[]])[] = [
    ['names that climb out of the root', [{ name: '../../plugins/bad', mode: 0o755, data: pluginBinary({ name: 'bad' }, 'amd64') }]],
    ['absolute names', [{ name: '/plugins/bad', mode: 0o755, data: pluginBinary({ name: 'bad' }, 'amd64') }]],
    [
      '100,000 entries',
      [
        { name: 'plugins/bad', mode: 0o755, data: pluginBinary({ name: 'bad' }, 'amd64') },
        ...Array.from({ length: 100_000 }, (_, index) => ({ name: `usr/${index % 300}/${index}`, data: '' })),
      ],
    ],
  ]
  for (const [what, files] of strange) {
    it(`${what} in a layer are taken as containerd takes them`, async () => {
      const copier = { name: 'bin/cp-plugin', mode: 0o755, data: elf() }
      registry.push('bad', 'v1', buildImage({ entrypoint: ['cp-plugin', '/plugins/bad', '/target/bad'], layers: [[copier], files] }))
      const config = folder.file('config.yaml', configText({ name: 'bad', image: `${registry.host}/bad:v1` }))
      const { json } = await report(['run', '--config', config, '--no-bundle', '--checks', 'binaries'])
      expect(verdicts(json)).to.deep.equal(['binaries bad: pass BINARIES_OK'])
    })
  }

  it('a secret whose JSON is broken fails what would use it', async () => {
    registry.push('bad', 'v1', pluginImage({ name: 'bad' }))
    const secret = folder.file(
      'secret.yaml',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': '{"auths": {' },
      }),
    )
    const config = folder.file('config.yaml', configText({ name: 'bad', image: `${registry.host}/bad:v1`, imagePullSecret: 's' }))
    const { json, code } = await report(['run', '--config', config, '--secrets', secret, '--no-bundle'])
    expect(code).to.equal(3)
    expect(verdicts(json)).to.include('pullSecret bad: fail PULL_SECRET_MALFORMED')
  })
})
