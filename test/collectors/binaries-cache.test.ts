import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { blobName, recordName } from '../../src/oci/layer-record.ts'
import type { LayerContent } from '../../src/oci/read-layer.ts'
import type { LayerCache } from '../../src/world/world.ts'
import { checkBinaries } from '../support/check-binaries.ts'
import { elf } from '../support/elf-writer.ts'
import { type BuiltImage, buildImage, pluginBinary, pluginImage } from '../support/image-builder.ts'

const memory = (): LayerCache & { readonly kept: Map<string, LayerContent> } => {
  const kept = new Map<string, LayerContent>()
  const blobs = new Set<string>()
  return {
    kept,
    async get(key) {
      const content = kept.get(recordName(key))
      return content && { content, sameBlob: blobs.has(blobName(key)) }
    },
    async put(key, content) {
      kept.set(recordName(key), content)
      blobs.add(blobName(key))
    },
    close: async () => undefined,
  }
}
const program = pluginBinary({ name: 'x' }, 'amd64')
const check = (image: BuiltImage, layerCache: LayerCache) => checkBinaries({ plugins: { x: image }, layerCache })

describe('binaries collector with a cache', () => {
  it('fetches nothing of layers that an earlier run read, says the same of them, and marks them', async () => {
    const cache = memory()
    const image = pluginImage({ name: 'velero-x' })
    const first = await check(image, cache)
    const second = await check(image, cache)
    expect([first.layersRead.length, second.layersRead.length]).to.deep.equal([2, 0])
    const [before, after] = [first.facts[0]!, second.facts[0]!]
    if (!before.ok || !after.ok) throw new Error('both can be read')
    expect(before.layers.map(({ cached }) => cached)).to.deep.equal([undefined, undefined])
    expect(after).to.deep.equal({ ...before, layers: before.layers.map(layer => ({ ...layer, cached: true })) })
    expect(second.codes).to.deep.equal(first.codes)
  })

  it('says in the evidence what it did not fetch', async () => {
    const cache = memory()
    const base = pluginImage({ name: 'a' })
    await check(base, cache)
    const { judgements } = await check(pluginImage({ name: 'b' }), cache)
    expect(judgements[0]!.findings[0]!.evidence?.at(-1)).to.equal(
      '1 of 2 layers as an earlier run read and verified them (cache), not fetched again',
    )
  })

  describe('of an image that was compressed anew', () => {
    const large = [{ name: 'usr/noise', data: randomBytes(4_300_000) }]
    const image = (compression: 'gzip' | 'zstd') =>
      buildImage({
        entrypoint: ['/bin/cp-plugin', '/plugins/x', '/target/x'],
        compression,
        layers: [large, [{ name: 'bin/cp-plugin', mode: 0o755, data: elf() }, { name: 'plugins/x', mode: 0o755, data: program }, ...large]],
      })
    const [before, after] = [image('gzip'), image('zstd')]

    it('knows large layers by their diff_id, fetches nothing of them, and says so', async () => {
      const cache = memory()
      await checkBinaries({ plugins: { x: before }, layerCache: cache, prove: true })
      const { facts, layersRead, codes, message, judgements } = await check(after, cache)
      expect(layersRead).to.deep.equal([])
      expect(facts[0]!.ok && facts[0]!.layers.map(({ cached, otherBlob }) => [cached, otherBlob])).to.deep.equal([
        [true, true],
        [true, true],
      ])
      expect(codes).to.deep.equal(['x: pass BINARIES_OK'])
      expect(message('x')).to.match(/packed in another way; whether a node can unpack them so is not known: --prove/)
      expect(judgements[0]!.findings[0]!.evidence?.at(-1)).to.match(/by its diff_id/)
    })

    it('reads them with --prove, and where the registry does not have them', async () => {
      const cache = memory()
      await checkBinaries({ plugins: { x: before }, layerCache: cache, prove: true })
      expect((await checkBinaries({ plugins: { x: after }, layerCache: cache, prove: true })).layersRead).to.have.length(2)
      const other = memory()
      await checkBinaries({ plugins: { x: before }, layerCache: other, prove: true })
      const refused = new Map([...after.blobs.keys()].slice(1).map(digest => [digest, new PreflightError('BLOB_NOT_FOUND', 'gone')]))
      expect((await checkBinaries({ plugins: { x: after }, layerCache: other, refused })).codes).to.deep.equal([
        'x: fail BINARIES_UNREADABLE',
      ])
    })
  })

  for (const [what, image] of Object.entries({
    'has another diff_id': buildImage({
      layers: [[{ name: 'a', data: 'x' }]],
      config: { rootfs: { type: 'layers', diff_ids: [sha256('other')] } },
    }),
    'is cut off': pluginImage({ name: 'a', served: layer => layer.subarray(0, -20) }),
  })) {
    it(`keeps nothing of a layer that ${what}`, async () => {
      const cache = memory()
      const { facts } = await check(image, cache)
      expect(facts[0]).to.have.property('ok', false)
      expect([...cache.kept]).to.deep.equal([])
    })
  }

  it('keeps nothing of a layer whose bytes turn out wrong at their end', async () => {
    const cache = memory()
    const image = pluginImage({ name: 'a' })
    const refused = new Map([...image.blobs.keys()].slice(1).map(digest => [digest, new PreflightError('DIGEST_MISMATCH', 'other bytes')]))
    await checkBinaries({ plugins: { x: image }, layerCache: cache, refused })
    expect([...cache.kept]).to.deep.equal([])
  })

  it('finds a wrong diff_id although the layer of that digest is known with the right one', async () => {
    const cache = memory()
    const layers = [[{ name: 'a', data: 'x' }]]
    await check(buildImage({ layers }), cache)
    const { facts } = await check(buildImage({ layers, config: { rootfs: { type: 'layers', diff_ids: [sha256('other')] } } }), cache)
    expect(facts[0]).to.include({ ok: false, code: 'LAYER_DIFF_ID' })
  })
})
