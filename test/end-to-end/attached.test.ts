import { join } from 'node:path'
import { expect } from 'chai'
import { attestationTag, inTotoReferrer, notationReferrer, sbomTag } from '../support/attached.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const name = 'velero-postgresql'
const index = buildIndex([pluginImage({ name }), pluginImage({ name, platform: 'linux/arm64' })])
const signer = newSigner()
const spdx = 'https://spdx.dev/Document'

describe('what hangs on an image', () => {
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  let key: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('acme/plugin', 'v1', index)
    const { manifest } = index
    for (const { tag, ...artifact } of [
      cosignTag(manifest, 'r', signer),
      cosignBundle(manifest, newSigner()),
      attestationTag(manifest, signer, spdx),
      inTotoReferrer(manifest, signer, spdx),
      notationReferrer(manifest),
      sbomTag(manifest),
    ])
      registry.push('acme/plugin', tag, artifact)
    const config = folder.file('config.yaml', configText({ name, image: `${registry.host}/acme/plugin:v1` }))
    const platforms = ['linux/amd64', 'linux/arm64'].flatMap(platform => ['--platform', platform])
    argv = ['--no-cache', '--config', config, ...platforms]
    key = ['--key', folder.file('cosign.pub', signer.publicPem)]
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })

  it('is named in the evidence, and what a trusted key signed counts', async () => {
    const { json } = await report(['run', '--no-bundle', '--checks', 'image,signature,attestation', ...argv, ...key])
    expect(verdicts(json)).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
    const evidence = json.pass.find(({ check }) => check === 'signature')?.findings[0]?.evidence?.join('\n') ?? ''
    for (const words of [
      `.att, number 1, of the index: an attestation (${spdx}): does not count as a signature`,
      'a signature of the Notary Project (application/jose+json): does not count as a signature',
      'an SBOM that nobody signed (text/spdx+json): does not count as a signature',
      '.sbom: found',
      '.att: nothing there',
    ])
      expect(evidence).to.include(words)
  })

  it('is no SBOM that nobody signed, unless attestations are checked: no tag of such is asked for', async () => {
    await report(['run', '--no-bundle', ...argv, ...key])
    expect(registry.requests.filter(({ path }) => path.endsWith('.sbom'))).to.deep.equal([])
  })

  it('is fetched once, whatever checks are made beside', async () => {
    await report(['run', '--no-bundle', ...argv, ...key])
    const ofImage = [...index.blobs.keys()].map(digest => `/blobs/${digest}`)
    const asked = registry.requests.map(({ path }) => path).filter(path => !ofImage.some(end => path.endsWith(end)))
    expect(asked.length).to.be.above(3 * 5)
    expect(asked.filter((one, at) => asked.indexOf(one) !== at)).to.deep.equal([])
  })

  it('is judged from a bundle as from the registry, which is not asked again', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    await command(['collect', ...argv, '-o', bundle])
    const live = await report(['run', '--no-bundle', ...argv, ...key])
    const asked = registry.requests.length
    const again = await report(['analyze', bundle, ...key])
    expect(again.json).to.deep.equal(live.json)
    expect(registry.requests).to.have.length(asked)
  })

  it('is kept in the bundle byte for byte', async () => {
    const bundle = join(folder.path, 'bundle')
    await command(['collect', ...argv, '-o', bundle])
    const everything = folder.everything()
    const { manifest, blobs } = notationReferrer(index.manifest)
    for (const bytes of [manifest.bytes, [...blobs.values()][1]!])
      expect(everything.replaceAll('\n', '')).to.include(Buffer.from(bytes).toString('base64'))
  })
})
