import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { checkBinaries } from '../support/check-binaries.ts'
import { elf } from '../support/elf-writer.ts'
import { type BuiltImage, buildImage, buildIndex, type Compression, pluginBinary, pluginImage } from '../support/image-builder.ts'

const factOf = async (image: BuiltImage, platforms?: readonly string[]) => {
  const { facts } = await checkBinaries({ plugins: { x: image }, ...(platforms === undefined ? {} : { platforms }) })
  return facts[0]!
}
const seen = async (image: BuiltImage) => {
  const fact = await factOf(image)
  if (!fact.ok) throw new Error(fact.message)
  return fact
}
const layerDigests = (image: BuiltImage): readonly string[] =>
  (JSON.parse(Buffer.from(image.manifest.bytes).toString()) as { layers: { digest: string }[] }).layers.map(({ digest }) => digest)

describe('binaries collector', () => {
  it('says all of a plugin that the check needs', async () => {
    const fact = await seen(pluginImage({ name: 'velero-x', framework: 'v1.17.1' }))
    const binary = pluginBinary({ name: 'velero-x', framework: 'v1.17.1' }, 'amd64')
    expect(fact).to.deep.include({
      plugin: 'x',
      image: 'registry.example.com/x:v1',
      platform: 'linux/amd64',
      configPlatform: 'linux/amd64',
      argv: ['cp-plugin', '/plugins/velero-x', '/target/velero-x'],
      user: { configured: '65532:65532', uid: 65532, gid: 0 },
      copy: { state: 'done' },
      filesFrom: 'target',
      moreFiles: 0,
      doubts: [],
    })
    expect(fact.files).to.deep.equal([
      {
        path: 'velero-x',
        from: '/plugins/velero-x',
        mode: '0755',
        kind: 'file',
        runs: true,
        file: {
          sizeBytes: binary.length,
          sha256: sha256(binary),
          kind: 'elf',
          elf: { machine: 'amd64', bits: 64, truncated: false, goPlugin: true, packed: false },
          go: {
            version: 'go1.25.8',
            path: 'example.com/acme/velero-x',
            module: { path: 'example.com/acme/velero-x', version: 'v1.0.0' },
            framework: { path: 'github.com/vmware-tanzu/velero', version: 'v1.17.1' },
            goPlugin: 'v1.7.0',
            modules: 3,
            os: 'linux',
            architecture: 'amd64',
            cgo: false,
          },
        },
      },
    ])
    expect(fact.program).to.deep.include({ name: 'cp-plugin', path: '/bin/cp-plugin' })
  })

  for (const compression of ['gzip', 'zstd', 'none'] as const satisfies readonly Compression[]) {
    it(`reads layers with compression ${compression}, and says what each costs`, async () => {
      const image = pluginImage({ name: 'velero-x', compression })
      const { layers, files } = await seen(image)
      expect(layers.map(({ digest }) => digest)).to.deep.equal(layerDigests(image))
      expect(layers.map(({ entries }) => entries)).to.deep.equal([2, 2])
      expect(layers.every(({ rawBytes }) => rawBytes! % 512 === 0)).to.equal(true)
      expect(files.map(({ path }) => path)).to.deep.equal(['velero-x'])
    })
  }

  it("takes Docker's media types too", async () => {
    expect(await factOf(pluginImage({ name: 'velero-x', docker: true }))).to.have.property('ok', true)
  })

  it('looks at the image of each platform of an index', async () => {
    const index = buildIndex([pluginImage({ name: 'a' }), pluginImage({ name: 'a', platform: 'linux/arm64' })])
    const { facts } = await checkBinaries({ plugins: { x: index }, platforms: ['linux/amd64', 'linux/arm64'] })
    expect(facts.map(fact => fact.ok && [fact.platform, fact.configPlatform, fact.files[0]?.file?.elf?.machine])).to.deep.equal([
      ['linux/amd64', 'linux/amd64', 'amd64'],
      ['linux/arm64', 'linux/arm64', 'arm64'],
    ])
  })

  it('fails the platform alone that an index lacks', async () => {
    const { facts } = await checkBinaries({
      plugins: { x: buildIndex([pluginImage({ name: 'a' })]) },
      platforms: ['linux/amd64', 'linux/s390x'],
    })
    expect(facts.map(fact => (fact.ok ? 'ok' : fact.code))).to.deep.equal(['ok', 'PLATFORM_NOT_FOUND'])
  })

  it('reads each layer once, however many platforms and plugins share it', async () => {
    const image = pluginImage({ name: 'a' })
    const other = pluginImage({ name: 'b' })
    const { layersRead, facts } = await checkBinaries({
      plugins: { x: image, y: image, z: other },
      platforms: ['linux/amd64', 'linux/arm64'],
    })
    expect(facts.every(({ ok }) => ok)).to.equal(true)
    expect([...layersRead].sort()).to.deep.equal([...new Set([...layerDigests(image), ...layerDigests(other)])].sort())
  })

  it('asks again for a layer that another plugin was refused', async () => {
    const image = pluginImage({ name: 'a' })
    const [shared] = layerDigests(image)
    let refusals = 1
    const refused = new Map([[shared!, new PreflightError('REGISTRY_DENIED', 'not for you')]])
    const once = { ...refused, get: (digest: string) => (digest === shared && refusals-- > 0 ? refused.get(digest) : undefined) }
    const { facts } = await checkBinaries({ plugins: { x: image, y: image }, refused: once as never })
    expect(facts.map(fact => (fact.ok ? 'ok' : fact.code))).to.deep.equal(['REGISTRY_DENIED', 'ok'])
  })

  it('says why a plugin could not be opened, for every platform, and goes on with the others', async () => {
    const { facts } = await checkBinaries({
      plugins: { gone: new PreflightError('MANIFEST_NOT_FOUND', 'There is none.'), here: pluginImage({ name: 'a' }) },
      platforms: ['linux/amd64', 'linux/arm64'],
    })
    expect(facts.map(fact => [fact.plugin, fact.platform, fact.ok ? 'ok' : fact.code])).to.deep.equal([
      ['gone', 'linux/amd64', 'MANIFEST_NOT_FOUND'],
      ['gone', 'linux/arm64', 'MANIFEST_NOT_FOUND'],
      ['here', 'linux/amd64', 'ok'],
      ['here', 'linux/arm64', 'ok'],
    ])
  })

  const broken: Readonly<Record<string, readonly [BuiltImage, string, RegExp]>> = {
    'is no archive': [
      pluginImage({ name: 'a', served: () => Buffer.alloc(2000, 'junk') }),
      'LAYER_CORRUPT',
      /^Layer 1 of 2 \(sha256:[0-9a-f]{64}\) cannot be unpacked: a tar header/,
    ],
    'is cut off': [pluginImage({ name: 'a', served: layer => layer.subarray(0, -20) }), 'LAYER_CORRUPT', /gzip data is damaged/],
    'has another diff_id': [
      buildImage({ layers: [[{ name: 'a', data: 'x' }]], config: { rootfs: { type: 'layers', diff_ids: [sha256('other')] } } }),
      'LAYER_DIFF_ID',
      /uncompressed it has the digest sha256:[0-9a-f]{64}, but the image's config names sha256:/,
    ],
    'is encrypted': [
      buildImage({ layers: [[{ name: 'a' }]], layerType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }),
      'LAYER_UNSUPPORTED',
      /encrypted/,
    ],
    'cannot be applied': [
      buildImage({ layers: [[{ name: 'a', data: 'x' }], [{ name: 'a/b', data: 'x' }]] }),
      'LAYER_CORRUPT',
      /^Layer 2 of 2 .*containerd cannot unpack \/a: not a directory/,
    ],
    'is said to be plain and is not': [
      buildImage({ layers: [[{ name: 'a', data: 'x' }]], layerType: 'application/vnd.oci.image.layer.v1.tar' }),
      'LAYER_CORRUPT',
      /cut off|tar header/,
    ],
  }
  for (const [what, [image, code, words]] of Object.entries(broken)) {
    it(`says which layer ${what}`, async () => {
      const fact = await factOf(image)
      expect(fact).to.include({ ok: false, code })
      expect(fact).to.have.property('message').that.matches(words)
      expect(fact)
        .to.have.property('hint')
        .that.matches(/^Build and push|^Push/)
    })
  }

  it('reads no layers that come long after one that cannot be unpacked', async () => {
    const layers = Array.from({ length: 9 }, (_, index) => [{ name: `f${index}`, data: `${index}` }])
    const image = buildImage({ layers, served: (layer, index) => (index === 1 ? layer.subarray(0, 20) : layer) })
    const { layersRead } = await checkBinaries({ plugins: { x: image } })
    expect(layersRead).to.deep.equal(layerDigests(image).slice(0, 3))
  })

  it('reads a layer once that an image has twice', async () => {
    const layers = [[{ name: 'a', data: 'x' }], [{ name: 'b', data: 'x' }], [{ name: 'a', data: 'x' }]]
    const image = buildImage({ layers })
    const { layersRead, facts } = await checkBinaries({ plugins: { x: image } })
    expect(facts[0]).to.have.property('ok', true)
    expect(layersRead).to.deep.equal([...new Set(layerDigests(image))])
  })

  it('prefers the first layer that is wrong', async () => {
    const image = pluginImage({
      name: 'a',
      served: (layer, index) => (index === 1 ? Buffer.from('junk'.repeat(300)) : layer.subarray(0, -20)),
    })
    expect(await factOf(image))
      .to.have.property('message')
      .that.matches(/^Layer 1 of 2/)
  })

  it('lists what stands in /plugins where it is not known what is copied', async () => {
    const fact = await seen(
      pluginImage({
        name: 'a',
        entrypoint: ['/bin/cp-plugin-and-more'],
        files: [{ name: 'bin/cp-plugin-and-more', mode: 0o755, data: elf() }],
      }),
    )
    expect(fact).to.deep.include({ filesFrom: 'image' })
    expect(fact.copy).to.include({ state: 'unknown' })
    expect(fact.files.map(({ path, mode }) => [path, mode])).to.deep.equal([['a', '0755']])
  })

  it('keeps a thousand files at most, what runs first', async () => {
    const many = Array.from({ length: 1100 }, (_, index) => ({ name: `plugins/f${index}`, mode: index < 5 ? 0o755 : 0o644, data: '' }))
    const fact = await seen(
      pluginImage({
        name: 'a',
        entrypoint: ['/bin/cp', '-r', '/plugins/.', '/target'],
        files: [{ name: 'bin/cp', mode: 0o755, data: elf() }, ...many],
      }),
    )
    expect([fact.files.length, fact.moreFiles, fact.files.findIndex(({ runs }) => !runs)]).to.deep.equal([1000, 101, 6])
  })

  it('writes names as UTF-8, and no secret of a command', async () => {
    const name = 'é\u0001'
    const fact = await seen(
      buildImage({
        layers: [
          [
            { name: 'bin/cp', mode: 0o755, data: elf() },
            { name: `plugins/${name}`, mode: 0o755, data: 'x' },
          ],
        ],
        entrypoint: ['/bin/cp', `/plugins/${name}`, 'https://user:password@host/x?sig=secret', '/target'],
      }),
    )
    expect(JSON.stringify(fact)).to.not.match(/password|sig=secret/)
    expect(fact.files.map(({ path }) => path)).to.deep.equal([name])
  })

  it('reads nothing more once the run is ended', async () => {
    const { facts, layersRead } = await checkBinaries({
      plugins: { x: pluginImage({ name: 'a' }) },
      signal: AbortSignal.abort(new PreflightError('TIMED_OUT', 'enough')),
    })
    expect(facts[0]).to.include({ ok: false, code: 'TIMED_OUT' })
    expect(layersRead).to.deep.equal([])
  })

  it('takes names with ../, absolute names and 100,000 entries as containerd does', async () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({ name: `usr/share/f${index}`, data: '' }))
    const fact = await seen(
      buildImage({
        layers: [
          [
            { name: '../../plugins/a', mode: 0o755, data: 'x' },
            { name: '/plugins/b', mode: 0o755, data: 'x' },
            { name: 'bin/cp', mode: 0o755, data: elf() },
            ...many,
          ],
        ],
        entrypoint: ['/bin/cp', '-r', '/plugins/.', '/target'],
      }),
    )
    expect(fact.files.map(({ path }) => path)).to.deep.equal(['a', 'b'])
  })
})
