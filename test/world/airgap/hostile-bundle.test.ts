import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../../src/digest.ts'
import { openAirgap } from '../../../src/world/airgap/open-airgap.ts'
import type { AirgapStore } from '../../../src/world/world.ts'
import { airgapBundle, airgapTar, layoutTar, namedLayout } from '../../support/airgap.ts'
import { type Scratch, scratch } from '../../support/command.ts'
import { buildImage, pluginImage } from '../../support/image-builder.ts'
import { blobPath, dockerFiles, layerDescriptor, tarFiles } from '../../support/local-images.ts'
import { tar, tarHeader } from '../../support/tar-writer.ts'

const image = 'registry.example.com/acme/plugin:v1'
const plugin = { plugin: 'plugin', image }
const good = pluginImage({ name: 'plugin' })
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 2654435761) >>> 13))
const large = (seed: number) =>
  buildImage({ layers: [[{ name: 'x', data: Buffer.concat([Buffer.from([seed]), noise]) }]], compression: 'none', entrypoint: ['x'] })

describe('an air-gap bundle that means harm', () => {
  let folder: Scratch
  const stores: AirgapStore[] = []
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map(store => store.close()))
    folder.remove()
  })
  const open = async (bytes: Uint8Array, signal = new AbortController().signal) => {
    const store = await openAirgap(folder.file('b.airgap', bytes), { signal, progress: () => undefined })
    stores.push(store)
    return store
  }
  const look = async (bytes: Uint8Array, signal?: AbortSignal) => (await open(bytes, signal)).look(plugin, ['linux/amd64'])
  const fault = (fact: Awaited<ReturnType<typeof look>>) => (fact.ok ? fact.bundle.archives[0]?.fault : fact.message)

  it('does not unpack for ever', async () => {
    const zeros = gzipSync(Buffer.alloc(64 << 20), { level: 1 })
    const bomb = [gzipSync(tarHeader({ name: 'images/a' }, 2 ** 32)), ...Array.from({ length: 18 }, () => zeros)]
    expect(fault(await look(Buffer.concat(bomb)))).to.include('it unpacks to more than')
  })
  it('has more entries than are taken', async () => {
    const many = tar(Array.from({ length: 100_001 }, (_, index) => ({ name: `${index}` })))
    expect(fault(await look(airgapBundle({ images: many })))).to.equal('it has more than 100000 entries')
  })
  it('has more JSON than is kept, and is right all the same', async () => {
    const filler = new Map(
      Array.from({ length: 20 }, (_, index) => [`blobs/sha256/${String(index).padStart(64, '0')}`, Buffer.alloc(4 << 20, '{')] as const),
    )
    const fact = await look(airgapBundle({ images: tarFiles(new Map([...filler, ...namedLayout([image, good])])) }))
    expect(fact.ok && fact.found?.platforms.map(one => one.ok && one.missing)).to.deep.equal([[]])
  })
  it('has names that lead out of it, which are names like others', async () => {
    const fact = await look(
      airgapBundle({
        images: tar([
          { name: '../../index.json', data: '{}' },
          { name: '/oci-layout', data: '{}' },
        ]),
      }),
    )
    expect(fault(fact)).to.include('neither oci-layout nor manifest.json')
  })
  it('has an index of unending depth', async () => {
    const files = namedLayout([image, good])
    files.set('index.json', Buffer.from(`${'['.repeat(100_000)}`))
    expect(fault(await look(airgapBundle({ images: tarFiles(files) })))).to.be.a('string')
  })
  it('has a layer of other bytes, which is found when it is read', async () => {
    const built = large(1)
    const files = namedLayout([image, built])
    const { digest } = layerDescriptor(built, 0)
    files.set(blobPath(digest), Buffer.alloc(files.get(blobPath(digest))!.length, 1))
    const store = await open(airgapBundle({ images: tarFiles(files) }))
    const local = store.open(store.reference(plugin)!)
    const read = async () => {
      for await (const _ of local.blob(layerDescriptor(built, 0)));
    }
    expect((await read().catch((error: unknown) => error)) as object).to.have.property('code', 'DIGEST_MISMATCH')
  })
  it('has an archive that is sparse, which is not taken for what it stands for', async () => {
    const files = namedLayout([image, good])
    const sparse = {
      'GNU.sparse.major': '0',
      'GNU.sparse.minor': '1',
      'GNU.sparse.numblocks': '1',
      'GNU.sparse.map': '0,5',
      'GNU.sparse.size': '5',
    }
    const entries = [...files].filter(([name]) => name !== 'oci-layout').map(([name, data]) => ({ name, data }))
    const fact = await look(airgapBundle({ images: tar([...entries, { name: 'oci-layout', data: 'abcde', pax: sparse }]) }))
    expect(fault(fact)).to.include('neither oci-layout nor manifest.json')
  })
  it('ends the reading where the run ends', async () => {
    const reason = new Error('stopped')
    const fact = await look(airgapBundle({ images: layoutTar([image, good]) }), AbortSignal.abort(reason))
    expect(fact.ok).to.equal(false)
  })
  it('has its planned layers read in one pass, and nothing is left behind', async () => {
    const before = readdirSync(tmpdir()).filter(name => name.startsWith('velero-plugin-preflight-'))
    const images = [1, 2, 3].map(seed => [`registry.example.com/acme/p${seed}:v1`, large(seed)] as const)
    for (const archive of [layoutTar(...images), tarFiles(dockerFiles(images[0]![1], [images[0]![0]]))]) {
      const store = await open(airgapBundle({ images: archive }))
      const plugins = images.map(([name]) => ({ plugin: name, image: name }))
      await store.plan(plugins, ['linux/amd64'])
      const first = store.open(store.reference(plugins[0]!)!)
      const served = await first.root()
      const { layers } = JSON.parse(Buffer.from(served.bytes).toString())
      const pieces: Uint8Array[] = []
      for await (const piece of first.blob({ mediaType: '', digest: layers[0].digest, sizeBytes: layers[0].size })) pieces.push(piece)
      expect(sha256(Buffer.concat(pieces))).to.equal(layers[0].digest)
    }
    expect(readdirSync(tmpdir()).filter(name => name.startsWith('velero-plugin-preflight-'))).to.deep.equal(before)
  })
  it('in parts: every cut gives a fail and no pass', async () => {
    const whole = airgapTar({ images: layoutTar([image, good]) })
    // Of the last file the padding may lack.
    for (let length = 0; length < whole.length - 1024 - 512; length += 512 * 3 + 100) {
      const fact = await look(gzipSync(whole.subarray(0, length)))
      const taken = fact.ok && fact.bundle.problems.length === 0 && fact.found?.platforms.every(one => one.ok && one.missing.length === 0)
      expect(taken, `${length} of ${whole.length}`).to.not.equal(true)
    }
    expect((await look(gzipSync(whole))).ok).to.equal(true)
  })
  it('is not taken where it is no file', async () => {
    const store = await openAirgap(join(folder.path, '.'), { signal: new AbortController().signal, progress: () => undefined })
    const fact = await store.look(plugin, ['linux/amd64'])
    expect(fact.ok === false && fact.message).to.include('holds no archive of images')
  })
})
